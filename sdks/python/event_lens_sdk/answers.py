"""What an answer to a batch means for its events. The rules are those of sdks/protocol/answers.json."""

import json
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple, cast

_AGAIN = frozenset({408, 425, 429})
_LONGEST_WAIT = 300.0
"""Seconds: a `Retry-After` beyond this is cut."""


class Answer(NamedTuple):
    """What came back; status 0 where nothing did."""

    status: int
    body: bytes = b""
    retry_after: str = ""
    trouble: str = ""
    """Why nothing came back."""


class Refused(NamedTuple):
    """One event of a batch that the server does not take."""

    place: int
    """In the batch, from 0; -1 where the answer does not say."""
    code: str
    message: str
    field: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a batch."""

    then: Literal["settled", "refused", "halved", "again"]
    code: str = ""
    message: str = ""
    rejected: list[Refused] = field(default_factory=list[Refused])
    wait: float | None = None
    """Seconds that the server asks for."""


def judge(answer: Answer, now: float = 0.0) -> Verdict:
    """The verdict on an answer; `now` is the time in seconds since 1970, for a date in `Retry-After`."""
    status = answer.status
    if status == 0:
        return Verdict("again", message=answer.trouble)
    if status >= 500 or status in _AGAIN:
        return Verdict("again", message=f"status {status}", wait=_seconds(answer.retry_after, now))
    said = _object(answer.body)
    if 200 <= status < 300:
        return _settled(said)
    if status == 413:
        return Verdict("halved", "too_large", _text(said, "message") or "the batch is too large")
    error = said.get("error")
    inner = cast("dict[str, Any]", error) if isinstance(error, dict) else said
    code = _text(inner, "code") or (
        "unexpected_answer" if status in (301, 302, 307, 308, 404) else f"{status}"
    )
    return Verdict("refused", code, _text(inner, "message") or f"the server answered with status {status}")


def _settled(said: dict[str, Any]) -> Verdict:
    if said.get("success") is not True and "bot" not in said:
        return Verdict(
            "refused", "unexpected_answer", "the answer is not that of Event Lens: is the URL right?"
        )
    rejected: object = said.get("rejected")
    rows = cast("list[dict[str, Any]]", rejected) if isinstance(rejected, list) else []
    return Verdict("settled", rejected=[_refused(row) for row in rows])


def _refused(row: dict[str, Any]) -> Refused:
    """`events/3/payload/name Expected …` is the field of event 3, then what is wrong with it."""
    index = row.get("index")
    where, _, message = _text(row, "message").partition(" ")
    place = where.split("/", 2)
    field_name = place[2] if len(place) > 2 and place[0] == "events" else ""
    return Refused(index if isinstance(index, int) else -1, _text(row, "code"), message, field_name)


def _seconds(stated: str, now: float) -> float | None:
    if not stated:
        return None
    if stated.isdecimal():
        return min(float(stated), _LONGEST_WAIT)
    try:
        return min(max(0.0, parsedate_to_datetime(stated).timestamp() - now), _LONGEST_WAIT)
    except ValueError:
        return None


def _object(body: bytes) -> dict[str, Any]:
    try:
        said: object = json.loads(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
