"""What is stored: events, sessions, profiles, groups, recordings. Alone knows if the engine is embedded."""
