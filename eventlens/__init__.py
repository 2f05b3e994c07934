"""Event Lens: collects events, keeps them in ClickHouse and answers questions about them."""

__version__ = "0.1.0"
