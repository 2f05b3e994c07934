"""Requests in, answers out. The only room that knows HTTP; it touches use cases, never SQL or files."""
