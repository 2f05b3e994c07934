"""What exports as text have in common: what comes before, between and after rows, and formulas."""

from collections.abc import Iterator, Sequence
from typing import Literal

TextFormat = Literal["csv", "json", "ndjson"]

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What OWASP names as beginnings of formulas, and the same signs in full width."""


def guarded(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def written(form: TextFormat, names: Sequence[str], pages: Iterator[list[bytes]]) -> Iterator[bytes]:
    """Rows as a whole text; what comes before them is apart from the first page."""
    if form == "csv":
        yield ",".join(names).encode() + b"\n"
    elif form == "json":
        yield b"[\n"
    first = True
    for rows in pages:
        if form != "json":
            yield b"\n".join(rows) + b"\n"
        else:
            yield (b"" if first else b",\n") + b",\n".join(rows)
        first = False
    if form == "json":
        yield b"]\n" if first else b"\n]\n"
