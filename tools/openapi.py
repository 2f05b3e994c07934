"""`python -m tools.openapi FILE`: the OpenAPI document into a file, left alone if it is the same."""

import sys
from pathlib import Path

import msgspec

from eventlens.api.app import ROUTES
from eventlens.api.openapi import document


def main(file: Path) -> None:
    """Write the document of all routes."""
    text = msgspec.json.encode(document(ROUTES))
    if not file.exists() or file.read_bytes() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
