"""The id by which a session is shown, the same in the answer to an event and in the answers to questions."""

import base64
import hashlib


def session_name(project_id: str, key: int, start: int) -> str:
    """The id of the session of `key` that starts at `start` (ms): 22 characters of base64url."""
    digest = hashlib.md5(f"{project_id}/{key}/{start}".encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest)[:22].decode()
