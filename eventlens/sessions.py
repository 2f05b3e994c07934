"""What a session is called and when it ends, the same for what stores events and what answers questions."""

import base64
import hashlib
from typing import LiteralString

from eventlens.clock import MINUTE

SESSION_GAP_MS = 30 * MINUTE
"""A gap of this much or more starts a new session; an event without a device joins a session within it."""

SESSION_GAP_SQL: LiteralString = "INTERVAL 30 MINUTE"
"""The same, for the store."""


def session_name(project_id: str, key: int, start: int) -> str:
    """The id of the session of `key` that starts at `start` (ms): 22 characters of base64url."""
    digest = hashlib.md5(f"{project_id}/{key}/{start}".encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest)[:22].decode()
