"""Other systems' files, sent through the same steps as live events. Touches what ingest may."""
