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
_MISSING = re.compile(r"missing required field `([^`]+)`")


def shape_refusal(text: str) -> Refusal:
    """The decoder says "Expected `str`, got `int` - at `$.payload.name`": split it into message and field."""
    match = _AT.match(text)
    message, path = (match[1], match[3] or "") if match else (text, "")
    parts = [part for part in re.split(r"[.\[\]]+", path) if part]
    missing = _MISSING.search(message)
    if missing:
        parts.append(missing[1])
    return Refusal("invalid", message[:MAX_MESSAGE], "/".join(parts)[:MAX_MESSAGE])
