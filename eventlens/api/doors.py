"""The collection routes as a table: how each one's request is read, and how its answers look.

Pure functions: no socket, no clock, no store. `track` finds a request's door, reads the body through it,
admits the sender, collects, and gives the door what came of it. Routes of OpenPanel's wire answer 400, 401
and 404 in its words, pixels with a picture, all others in the shape of every other route.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from eventlens.api.cors import preflight_headers
from eventlens.api.errors import error_body, error_headers, status_of
from eventlens.api.replies import (
    Accepted,
    BatchAccepted,
    BotAnswer,
    BotName,
    DeviceIds,
    Rejected,
    WireProblem,
)
from eventlens.api.sender import Headers
from eventlens.errors import EventLensError
from eventlens.ingest.accept import Collected
from eventlens.ingest.payload import (
    MAX_ID,
    Body,
    Identifier,
    Refusal,
    TrackBody,
    TrackPayload,
    identifier,
    read_batch,
    read_body,
    read_payload,
    with_id,
)
from eventlens.ingest.senders import Sender
from eventlens.meters import ACCEPTED, REFUSED

RawHeaders = tuple[tuple[bytes, bytes], ...]

JSON: RawHeaders = ((b"content-type", b"application/json"),)
TEXT: RawHeaders = ((b"content-type", b"text/plain; charset=utf-8"),)
GIF: RawHeaders = ((b"content-type", b"image/gif"),)

PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""One transparent pixel."""

STATUS = {
    "credentials": 401,
    "revenue": 401,
    "client_type": 403,
    "filtered": 401,
    "not_found": 404,
    "too_large": 413,
    "unsupported": 415,
}
"""Refusal code → status; all others are 400."""

_KEY = b"idempotency-key"

_CODE = {"credentials": "unauthenticated", "revenue": "unauthenticated", "client_type": "forbidden"}
_encode = msgspec.json.Encoder().encode


class Asked(NamedTuple):
    """What a door reads of a request: query string and body as they came, headers by lower-case name."""

    query: bytes
    headers: Headers
    body: bytes


class Answer(NamedTuple):
    """What goes back: status, body, headers (beside those that every answer has)."""

    status: int
    body: bytes
    headers: RawHeaders = JSON


Reading = Body | list[Body | Refusal] | Refusal
"""One body, or a batch, each of it read or refused, or why nothing of the request is taken."""

Check = Literal["", "profile_number", "device_id"]
"""What is looked up before such a request is answered: nothing; whether a profile is known and its property
a number (`NOT_FOUND`, `NOT_NUMBER`); the ids of the sender's device, instead of collecting anything."""

NOT_FOUND = Refusal("not_found", "Not found")
NOT_NUMBER = Refusal("plain", "Not number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A collection route."""

    paths: tuple[str, ...]
    method: Literal["GET", "POST"] = "POST"
    read: Callable[[Asked, int], Reading]
    """The request and the most bodies of a batch → what it says."""
    accept: Callable[[Body, Collected], Answer]
    """The answer for one body that was taken; batches have an answer of their own."""
    refusing: Callable[[Refusal], Answer]
    failing: Callable[[EventLensError], Answer]
    check: Check = ""
    page_is_origin: bool = False
    """The page that asks stands in `Referer`: a browser sends no `Origin` with an image."""

    def answer(self, reading: Reading, collected: Collected) -> Answer:
        """What the sender hears of what became of its request."""
        ACCEPTED.inc(collected.accepted)
        if isinstance(reading, list):
            for _, refusal in collected.refusals:
                REFUSED.labels(refusal.code).inc()
            return _batch_answer(collected)
        if isinstance(reading, Refusal):
            return self.refuse(reading)
        if collected.refusals:
            return self.refuse(collected.refusals[0][1])
        return self.accept(reading, collected)

    def refuse(self, refusal: Refusal) -> Answer:
        """The answer where nothing of a request is taken."""
        REFUSED.labels(refusal.code).inc()
        return self.refusing(refusal)

    def fail(self, error: EventLensError) -> Answer:
        """The answer for an error."""
        REFUSED.labels(status_of(error)[1]).inc()
        return self.failing(error)

    def headers(self, headers: Headers) -> Headers:
        """The request's headers, with the origin of the page that asks where the route reads it so."""
        if not self.page_is_origin or b"origin" in headers:
            return headers
        return {**headers, b"origin": _origin_of(headers.get(b"referer", b""))}

    def other_method(self, method: str, headers: Headers) -> Answer:
        """The answer for a method that this route does not take: a preflight, or 405."""
        if method == "OPTIONS":
            return Answer(HTTPStatus.NO_CONTENT, b"", tuple(preflight_headers(b"GET,HEAD,POST", headers)))
        body = error_body("method_not_allowed", f"Use {self.method}.")
        allow = f"{self.method}, OPTIONS".encode()
        return Answer(HTTPStatus.METHOD_NOT_ALLOWED, body, (*JSON, (b"allow", allow)))


# --- how requests are read -----------------------------------------------------------------------


def _read_single(asked: Asked, limit: int) -> Reading:
    """One body, or an array of them."""
    raw = asked.body
    if raw[:1] != b"{" and raw.lstrip()[:1] == b"[":
        return _read_batch(asked, limit)
    return _with_key(asked, read_body(raw))


def _read_batch(asked: Asked, limit: int) -> Reading:
    kind = asked.headers.get(b"content-type", b"").lower()
    lines = any(name in kind for name in (b"ndjson", b"jsonl", b"json-lines", b"jsonlines"))
    bodies = read_batch(asked.body, lines=lines, limit=limit)
    if isinstance(bodies, Refusal) or _KEY not in asked.headers:
        return bodies
    return [_with_key(asked, body, f"/{index}") for index, body in enumerate(bodies)]


def _payload_reader(kind: str) -> Callable[[Asked, int], Reading]:
    def read(asked: Asked, _: int) -> Reading:
        return _with_key(asked, read_payload(kind, asked.body))

    return read


def _with_key(asked: Asked, body: Body | Refusal, suffix: str = "") -> Body | Refusal:
    """The body under its request's `idempotency-key`: the key, or its hash where it is too long for an id."""
    key = asked.headers.get(_KEY)
    if not key or isinstance(body, Refusal):
        return body
    text = key.decode("utf-8", "replace")
    if len(text) + len(suffix) > MAX_ID:
        text = blake2b(key, digest_size=32).hexdigest()
    return with_id(body, text + suffix)


_QUERY = {
    "name": "name",
    "path": "path",
    "referrer": "referrer",
    "profileId": "profile_id",
    "deviceId": "device_id",
    "sessionId": "session_id",
    "id": "id",
}
"""Parameter of a pixel → field of the payload."""

_MOST_PARAMETERS = 1000
_MOST_DIGITS = 16
_PROPERTY = "properties."


def _read_pixel(asked: Asked, _: int) -> Reading:
    """An event in a query string. Empty parameters are absent; what nobody knows (`t=123`) is ignored."""
    try:
        pairs = parse_qsl(asked.query.decode("utf-8", "replace"), max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return Refusal("invalid", f"At most {_MOST_PARAMETERS} parameters fit in one event")
    given = dict(pairs)
    fields: dict[str, Any] = {field: given[name] for name, field in _QUERY.items() if name in given}
    properties: dict[str, Any] = {
        name.removeprefix(_PROPERTY): text for name, text in given.items() if name.startswith(_PROPERTY)
    }
    if "title" in given:
        properties["__title"] = given["title"]
    amount: str = properties.get("__revenue", "")
    if amount.isdecimal() and len(amount) <= _MOST_DIGITS:
        properties["__revenue"] = int(amount)
    fields.setdefault("name", "screen_view")
    body = TrackBody(payload=TrackPayload(**fields, properties=properties or None))
    body.client_id = given.get("clientId")
    return _with_key(asked, body)


def _read_nothing(_: Asked, __: int) -> Reading:
    return []


def _origin_of(page: bytes) -> bytes:
    """`https://a.example` of `https://a.example/b?c`; b'' where that is no address."""
    scheme, separator, rest = page.partition(b"://")
    host = rest.partition(b"/")[0].partition(b"?")[0].partition(b"#")[0]
    return scheme + separator + host if separator else b""


# --- how answers look ----------------------------------------------------------------------------


def _ids(_: Body, collected: Collected) -> Answer:
    if collected.bot is not None:
        return _bot_answer(collected)
    return Answer(200, _encode(Accepted(True, collected.device_id, collected.session_id)))


def _bot_answer(collected: Collected) -> Answer:
    assert collected.bot is not None
    return Answer(202, _encode(BotAnswer(BotName(collected.bot.name, collected.bot.type))))


def _batch_answer(collected: Collected) -> Answer:
    rejected = [
        Rejected(index, refusal.code, _message(f"events/{index}", refusal))
        for index, refusal in collected.refusals
    ]
    return Answer(200, _encode(BatchAccepted(True, collected.accepted, rejected)))


def _ok(_: Body, collected: Collected) -> Answer:
    return _bot_answer(collected) if collected.bot is not None else Answer(202, b"ok", TEXT)


def _profile_id(body: Body, collected: Collected) -> Answer:
    if collected.bot is not None:
        return _bot_answer(collected)
    stated: Identifier = getattr(body.payload, "profile_id", "")
    return Answer(202, identifier(stated).encode(), TEXT)


def _picture(_: Body, __: Collected) -> Answer:
    return Answer(200, PIXEL, GIF)


def _message(prefix: str, refusal: Refusal) -> str:
    """The field's path, then what is wrong with it."""
    return f"{'/'.join(filter(None, (prefix, refusal.field)))} {refusal.message}"


def _refuse_in_own_shape(refusal: Refusal) -> Answer:
    status = STATUS.get(refusal.code, 400)
    return Answer(status, error_body(_CODE.get(refusal.code, refusal.code), refusal.message, refusal.field))


def _refuse_payload(refusal: Refusal) -> Answer:
    return _refuse_in_own_shape(_within_payload(refusal))


def _refuse_in_wire_words(refusal: Refusal) -> Answer:
    status = STATUS.get(refusal.code, 400)
    if refusal.code == "plain" or status == 404:
        return Answer(status, refusal.message.encode(), TEXT)
    if status == 401:
        return Answer(401, f"Ingestion: {refusal.message}".encode(), TEXT)
    if status == 400:
        message = _message("body", refusal)
        return Answer(400, _encode(WireProblem(400, "Bad Request", message)))
    return _refuse_in_own_shape(refusal)


def _refuse_payload_in_wire_words(refusal: Refusal) -> Answer:
    return _refuse_in_wire_words(_within_payload(refusal))


def _refuse_with_picture(refusal: Refusal) -> Answer:
    return Answer(STATUS.get(refusal.code, 400), PIXEL, GIF)


def _within_payload(refusal: Refusal) -> Refusal:
    """The field as whoever sent the payload alone knows it."""
    return refusal._replace(field=refusal.field.removeprefix("payload/"))


def _fail(error: EventLensError) -> Answer:
    status, code = status_of(error)
    return Answer(status, error_body(code, error.message), (*JSON, *_retry(error)))


def _fail_with_picture(error: EventLensError) -> Answer:
    return Answer(status_of(error)[0], PIXEL, (*GIF, *_retry(error)))


def _retry(error: EventLensError) -> RawHeaders:
    return tuple((name.encode(), value.encode()) for name, value in error_headers(error).items())


# --- the ids of a device ---------------------------------------------------------------------------


class KnownDevice(NamedTuple):
    """What is in memory of a sender's device."""

    device_id: str
    session_id: str
    """'' where no session is under way."""
    is_previous: bool = False
    """The session began under yesterday's id."""


def device_refusal(sender: Sender) -> Refusal | None:
    """Why a sender's device cannot be told."""
    if not sender.ip:
        return Refusal("plain", "Missing ip address")
    return None if sender.user_agent else Refusal("plain", "Missing header: user-agent")


def device_answer(known: KnownDevice) -> Answer:
    """The answer of `GET /track/device-id`."""
    which = "previous" if known.is_previous else "current"
    message = f"{which} session exists" if known.session_id else "No session exists"
    return Answer(200, _encode(DeviceIds(known.device_id, known.session_id, f"{message} for this device id")))


# --- the table -------------------------------------------------------------------------------------


def _openpanel(path: str, kind: str, accept: Callable[[Body, Collected], Answer], check: Check = "") -> Door:
    """A legacy route: a payload alone, answers in the wire's words."""
    return Door(
        paths=(path,),
        read=_payload_reader(kind),
        accept=accept,
        refusing=_refuse_payload_in_wire_words,
        failing=_fail,
        check=check,
    )


def _alone(kind: str) -> Door:
    """The route named after a type: its payload alone."""
    return Door(
        paths=(f"/{kind}",), read=_payload_reader(kind), accept=_ids, refusing=_refuse_payload, failing=_fail
    )


DOORS: tuple[Door, ...] = (
    Door(
        paths=("/track", "/track/"),
        read=_read_single,
        accept=_ids,
        refusing=_refuse_in_wire_words,
        failing=_fail,
    ),
    Door(
        paths=("/track/batch", "/track/batch/"),
        read=_read_batch,
        accept=_ids,
        refusing=_refuse_in_own_shape,
        failing=_fail,
    ),
    *map(_alone, ("identify", "increment", "decrement", "alias", "group", "assign_group", "replay")),
    Door(
        paths=("/pixel.gif",),
        method="GET",
        read=_read_pixel,
        accept=_picture,
        refusing=_refuse_with_picture,
        failing=_fail_with_picture,
        page_is_origin=True,
    ),
    Door(
        paths=("/track/device-id",),
        method="GET",
        read=_read_nothing,
        accept=_ids,
        refusing=_refuse_in_wire_words,
        failing=_fail,
        check="device_id",
    ),
    _openpanel("/event", "track", _ok),
    _openpanel("/profile", "identify", _profile_id),
    _openpanel("/profile/increment", "increment", _profile_id, "profile_number"),
    _openpanel("/profile/decrement", "decrement", _profile_id, "profile_number"),
)
"""Every collection route."""


def _by_path(doors: Iterable[Door]) -> dict[str, Door]:
    return {path: door for door in doors for path in door.paths}


DOOR_AT: dict[str, Door] = _by_path(DOORS)
"""Path → its door."""
