"""Cursors: a place in a list as an opaque text."""

import base64
import binascii

from eventlens.errors import InvalidInput


def write_place(*place: int) -> str:
    """An opaque text for some numbers from 0 to 2^64 - 1."""
    text = ".".join(map(str, place))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(text: str, most_digits: tuple[int, ...]) -> list[int]:
    """The numbers that a cursor holds, each of so many digits at most. Raises InvalidInput."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        parts = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(".")
        if len(parts) == len(most_digits) and all(
            part.isdigit() and len(part) <= most and int(part) < 1 << 64
            for part, most in zip(parts, most_digits, strict=True)
        ):
            return [int(part) for part in parts]
    except (ValueError, binascii.Error):
        pass
    raise InvalidInput("This is no cursor from `meta.next_cursor`.", field="cursor")
