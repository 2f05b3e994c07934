"""Passwords: hashed with argon2id, at most a few at a time, because each takes 64 MiB for a moment."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from eventlens.errors import InvalidInput

SHORTEST = 10
LONGEST = 256
"""Characters. Length is what makes a password hard to guess; no rule about kinds of characters."""

AT_ONCE = 2

_hasher = PasswordHasher()
_turns = threading.Semaphore(AT_ONCE)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$BmQYAx1U7uu1PtkL3ce8sQ$wdnler0I2uDQR0jrUa4lLubMkhdqhQj/4X1gYv+D9wo"
"""A hash that fits nothing: whoever has no password takes as long to refuse as whoever has one."""

COMMON = frozenset(
    "1234567890 0123456789 12345678910 123456789a qwertyuiop 1q2w3e4r5t password12 password123 password1234 "
    "iloveyou12 administrator changeme123 letmein123 welcome123 qwerty12345 passw0rd123 "
    "abcdefghij abcd1234567 eventlens123 q1w2e3r4t5 1qaz2wsx3edc zaq12wsxcde3 asdfghjkl123".split()
)


def check_new(password: str, email: str = "", field: str = "password") -> str:
    """A password that may be chosen. Raises InvalidInput."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"a password has {SHORTEST} to {LONGEST} characters", field=field)
    plain = password.lower()
    if plain in COMMON or len(set(plain)) < 4 or (email and plain == email.lower()):
        raise InvalidInput("that password is among the first that are guessed; choose another", field=field)
    return password


def hash_password(password: str) -> str:
    """What is kept of a password. Takes some ten milliseconds: never on the event loop."""
    with _turns:
        return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether it is that password; without a hash it is not, and takes as long."""
    if len(password) > LONGEST:
        return False
    with _turns:
        try:
            return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(password_hash: str) -> bool:
    """Whether it was hashed with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)
