"""Cursors: a place in a list as an opaque text."""

import base64
import binascii

from eventlens.errors import InvalidInput

_MOST_DIGITS = 20


def write_place(*place: int) -> str:
    """An opaque text for some numbers from 0 to 2^64 - 1."""
    return _written(".".join(map(str, place)))


def read_place(text: str, most_digits: tuple[int, ...]) -> list[int]:
    """The numbers that a cursor holds, each of so many digits at most. Raises InvalidInput."""
    parts = _read(text)
    if len(parts) != len(most_digits):
        raise _no_cursor()
    return _numbers(parts, most_digits)


def write_cursor(kind: str, *place: int) -> str:
    """An opaque text for some numbers from 0 to 2^64 - 1 in a list of a kind (a word and its order)."""
    return _written(".".join((kind, *map(str, place))))


def read_cursor(text: str, kind: str, numbers: int) -> list[int]:
    """The numbers of a cursor of that very kind. Raises InvalidInput, also for another list's cursor."""
    given, *parts = _read(text)
    if given != kind and len(parts) == numbers and not given.isdigit():
        raise InvalidInput("This cursor is of another list, or of another order of this one.", field="cursor")
    if given != kind or len(parts) != numbers:
        raise _no_cursor()
    return _numbers(parts, (_MOST_DIGITS,) * numbers)


def _written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(text: str) -> list[str]:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(".")
    except (ValueError, binascii.Error):
        raise _no_cursor() from None


def _numbers(parts: list[str], most_digits: tuple[int, ...]) -> list[int]:
    if all(
        part.isdigit() and len(part) <= most and int(part) < 1 << 64
        for part, most in zip(parts, most_digits, strict=True)
    ):
        return [int(part) for part in parts]
    raise _no_cursor()


def _no_cursor() -> InvalidInput:
    return InvalidInput("This is no cursor from `meta.next_cursor`.", field="cursor")
