"""Events, sessions and profiles in ClickHouse. Alone knows whether the engine is embedded or a server."""
