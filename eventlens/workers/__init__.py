"""Loops that claim from the queue and apply. Touches ingest's steps, never HTTP."""
