"""JSON bodies of the routes in the table: bounded, checked by their type, what is wrong named by field."""

import re
from typing import TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from eventlens.errors import InvalidInput, TooLarge

T = TypeVar("T")

MOST_BYTES = 256 << 10

_WHERE = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_NAMED = re.compile(r"field `([^`]*)`")


async def read_body(request: Request, kind: type[T], *, optional: bool = False) -> T:
    """The body as `kind`. With `optional`, no body is `{}`. Raises TooLarge, InvalidInput with the field."""
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > MOST_BYTES:
                raise TooLarge(f"The body is over the limit of {MOST_BYTES} bytes.")
    except ClientDisconnect:
        raise InvalidInput("The body did not arrive whole.", field="body") from None
    if optional and not received.strip():
        received += b"{}"
    try:
        return msgspec.json.decode(received, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput("The body is not valid JSON.", field="body") from None


def _wrong(message: str) -> InvalidInput:
    """The words of msgspec → ours: `origins/0` is wrong, not `$.origins[0]`."""
    found = _WHERE.search(message)
    where = [part for part in re.split(r"[.\[\]]+", found[1]) if part] if found else []
    words = message[: found.start()] if found else message
    named = _NAMED.search(words)  # one that is missing or unknown; the place is that of what should hold it
    field = "/".join([*where, *([named[1]] if named else [])]) or "body"
    return InvalidInput(f"{field}: {words[:1].lower()}{words[1:200]}", field=field[:200])
