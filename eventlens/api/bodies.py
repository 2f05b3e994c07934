"""JSON bodies of the routes in the table: bounded, checked by their type, what is wrong named by field."""

from typing import TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from eventlens.errors import InvalidInput, TooLarge
from eventlens.ingest.payload.refusal import shape_refusal

T = TypeVar("T")

MOST_BYTES = 256 << 10


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
    _, words, where = shape_refusal(message)
    field = where or "body"
    return InvalidInput(f"{field}: {words[:1].lower()}{words[1:]}", field=field)
