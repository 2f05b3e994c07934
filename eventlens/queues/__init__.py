"""Queues between collection and the workers: what was accepted waits here, durably. A technology a file."""
