"""Queues between collection and the workers: what was accepted waits here, durably, each technology in its own files."""
