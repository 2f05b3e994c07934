"""Caches: what may be forgotten at any time and is computed again. A technology a file."""
