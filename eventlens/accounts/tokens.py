"""Secrets that somebody carries: random ones, kept as hashes, and signed ones, not kept at all."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec

LONGEST = 4096


def make_token(prefix: str = "") -> str:
    """32 random bytes, behind a prefix that says what it is for."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is kept of it: with that much randomness there is nothing to guess, so SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Signer:
    """Signs what is handed out and must come back unchanged, with the installation's key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def mac(self, purpose: str, text: str) -> str:
        """A text that only this installation can make from `text`, for one purpose."""
        return _encode(self.derive(purpose, text))

    def derive(self, purpose: str, text: str) -> bytes:
        """The same as 32 bytes: a secret that need not be kept."""
        return hmac.digest(self._key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256")

    def fits(self, purpose: str, text: str, mac: str) -> bool:
        """Whether it is that text's."""
        return hmac.compare_digest(self.mac(purpose, text).encode(), mac.encode("utf-8", "surrogatepass"))

    def seal(self, purpose: str, value: Any, until: int) -> str:
        """A JSON value that holds until then (ms). It can be read by whoever has it, and not be changed."""
        text = _encode(msgspec.json.encode([until, value]))
        return f"{text}.{self.mac(purpose, text)}"

    def open(self, purpose: str, sealed: str, now: int) -> Any:
        """The value; None where it is not ours, for something else, or too old."""
        text, _, mac = sealed.partition(".")
        if len(sealed) > LONGEST or not self.fits(purpose, text, mac):
            return None
        until, value = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return value if now < until else None


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
