"""Bytes become bodies, or refusals that name the field."""

import re
from typing import Any, TypeVar, cast

import msgspec

from eventlens.ingest.payload.refusal import Refusal, shape_refusal
from eventlens.ingest.payload.shapes import BODIES, Body

T = TypeVar("T")

_body_decoder = msgspec.json.Decoder(Body)
_bodies_decoder = msgspec.json.Decoder(list[Body])
_raw_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_payload_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(body.__annotations__["payload"]) for kind, body in BODIES.items()
}


class _Credentials(msgspec.Struct, rename="camel", gc=False):
    """What a beacon, which sends no headers of its own, may put beside a payload or the events of a batch."""

    client_id: str | None = None
    client_secret: str | None = None


class _Batch(_Credentials, kw_only=True):
    events: msgspec.Raw


_credentials_decoder = msgspec.json.Decoder(_Credentials)
_batch_decoder = msgspec.json.Decoder(_Batch)


def read_body(raw: bytes) -> Body | Refusal:
    """One `{"type", "payload"}` object."""
    return _decode(_body_decoder, raw)


def read_payload(kind: str, raw: bytes) -> Body | Refusal:
    """A payload alone, as the routes named after a type take it; credentials may stand beside its fields."""
    payload = _decode(_payload_decoders[kind], raw)
    if isinstance(payload, Refusal):
        return payload
    if b"client" not in raw:
        return BODIES[kind](payload=payload)
    credentials = _decode(_credentials_decoder, raw)
    if isinstance(credentials, Refusal):
        return credentials
    found = BODIES[kind](payload=payload)
    found.client_id, found.client_secret = credentials.client_id, credentials.client_secret
    return found


def read_batch(raw: bytes, *, lines: bool, limit: int) -> list[Body | Refusal] | Refusal:
    """`{"events": […]}`, a bare array, or one object a line (`lines`): each body, or why it is refused."""
    if lines:
        parts = [line for line in raw.splitlines() if line.strip()]
        return _too_many(len(parts), limit) or _of_one_client([read_body(part) for part in parts])
    if raw.lstrip()[:1] == b"[":
        return _read_array(raw, limit)
    batch = _decode(_batch_decoder, raw)
    if isinstance(batch, Refusal):
        return batch
    events = bytes(batch.events)
    if events.lstrip()[:1] != b"[":
        return Refusal("invalid", "Expected `array`", "events")
    bodies = _read_array(events, limit)
    if isinstance(bodies, Refusal):
        return bodies
    first = next((body for body in bodies if not isinstance(body, Refusal)), None)
    if first is not None:
        first.client_id = first.client_id or batch.client_id
        first.client_secret = first.client_secret or batch.client_secret
    return bodies


def _read_array(array: bytes, limit: int) -> list[Body | Refusal] | Refusal:
    try:
        bodies = _bodies_decoder.decode(array)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # one of them is wrong: decode one by one to find which
    else:
        found = cast("list[Body | Refusal]", bodies)
        return _too_many(len(found), limit) or (_of_one_client(found) if _may_name_client(array) else found)
    items = _decode(_raw_list_decoder, array)
    if isinstance(items, Refusal):
        return items
    return _too_many(len(items), limit) or _of_one_client([read_body(bytes(item)) for item in items])


def _may_name_client(array: bytes) -> bool:
    """Whether any body may name a client: nearly none does, and that is seen quicker than it is read."""
    return b"client" in array or b"\\u" in array


_ANOTHER_CLIENT = Refusal("invalid", "Another client than that of the events before", "clientId")


def _of_one_client(bodies: list[Body | Refusal]) -> list[Body | Refusal]:
    """Bodies without those that name another client than the one before: a batch is one client's."""
    named = ""
    for index, body in enumerate(bodies):
        if not isinstance(body, Refusal) and body.client_id:
            named = named or body.client_id
            if body.client_id != named:
                bodies[index] = _ANOTHER_CLIENT
    return bodies


def _too_many(count: int, limit: int) -> Refusal | None:
    if count <= limit:
        return None
    return Refusal("too_large", f"At most {limit} events fit in one batch, got {count}", "events")


def _decode(decoder: msgspec.json.Decoder[T], raw: bytes) -> T | Refusal:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        return shape_refusal(str(error))
    except msgspec.DecodeError as error:
        mended = _without_lone_surrogates(raw)
        if mended != raw:
            return _decode(decoder, mended)
        return Refusal("malformed", f"The body is not valid JSON: {error}")
    except UnicodeDecodeError:
        return Refusal("malformed", "The body is not valid JSON: it is not UTF-8")
    except RecursionError:
        return Refusal("malformed", "The body is nested too deeply")


_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"  # a pair
    rb"|(?P<lone>u[dD][89a-fA-F][\da-fA-F]{2})|.)",
    re.DOTALL,
)


def _without_lone_surrogates(raw: bytes) -> bytes:
    """Half characters, as a page sends them that cut a title through an emoji, become U+FFFD."""
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPE.sub(lambda match: rb"\ufffd" if match["lone"] else match[0], raw)
