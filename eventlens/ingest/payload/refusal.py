"""Why something was not taken, as a value; and how the decoder's words become one."""

import re
from typing import NamedTuple

MAX_MESSAGE = 200
"""Characters kept of what the decoder says: it quotes the sender."""


class Refusal(NamedTuple):
    """Why something was not taken: a code for programs, a message for people, the field it is about."""

    code: str
    message: str
    field: str = ""


_AT = re.compile(r"^(.*?)(?: - at `(key in )?\$(.*)`)?$", re.DOTALL)
_NAMED = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
"""A field that is not there, or should not be: the place is that of the object around it."""


def shape_refusal(text: str) -> Refusal:
    """The decoder says "Expected `str`, got `int` - at `$.payload.name`": split it into message and field."""
    match = _AT.match(text)
    message, path = (match[1], match[3] or "") if match else (text, "")
    parts = [part for part in re.split(r"[.\[\]]+", path) if part]
    named = _NAMED.search(message)
    if named:
        parts.append(named[1])
    return Refusal("invalid", message[:MAX_MESSAGE], "/".join(parts)[:MAX_MESSAGE])
