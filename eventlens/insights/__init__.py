"""Questions become SQL, rows become answers. Reads the store and accounts, writes nothing."""
