"""What is stored: events, sessions, profiles, groups, recordings. Alone knows whether ClickHouse is embedded."""
