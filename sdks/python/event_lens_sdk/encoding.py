"""Python's values become JSON, at the moment of the call: what is changed later does not change the event."""

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

_MAX_DEPTH = 32
"""Levels that are looked through for what is no JSON; the server takes 20."""


class Unreadable(ValueError):
    """No JSON can be made of it."""


def encode(body: object) -> bytes:
    """A body as JSON text. Raises `Unreadable`."""
    try:
        text = _quick(body)
    except (TypeError, ValueError):  # not a number, a name that is no text, a value of an unknown type
        text = _quick(_plain(body, 0))
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, which an escape can say
        return json.dumps(json.loads(text), separators=(",", ":")).encode()


def moment(when: datetime | str | float) -> str | float:
    """A time as the wire has it; a datetime without a zone is UTC."""
    if isinstance(when, datetime):
        aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    return when


def _scalar(value: object) -> object:
    """What JSON has no word for; the encoder asks for it."""
    converted = _converted(value)
    if converted is _UNKNOWN:
        raise TypeError(f"{type(value).__name__} is no JSON")
    return converted


_UNKNOWN = object()
_quick = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False, default=_scalar
).encode


def _converted(value: object) -> object:  # noqa: PLR0911  # a row for each kind of value
    match value:
        case datetime():
            aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
            return aware.isoformat(timespec="milliseconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case Decimal():
            return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
        case Enum():
            return value.value
        case set() | frozenset():
            return list(cast("Iterable[object]", value))
        case Mapping():
            return dict(cast("Mapping[str, object]", value))
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return dataclasses.asdict(cast("Any", value)) if _is_record(value) else _UNKNOWN


def _is_record(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _plain(value: object, depth: int) -> object:
    """A copy in which everything is JSON: names become texts, what is no number becomes null."""
    if depth > _MAX_DEPTH:
        raise Unreadable("nested too deeply")
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        inside = cast("dict[object, object]", value)
        return {_name(key): _plain(each, depth + 1) for key, each in inside.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, depth + 1) for each in cast("list[object]", value)]
    converted = _converted(value)
    if converted is _UNKNOWN:
        raise Unreadable(f"{type(value).__name__} is no JSON")
    return _plain(converted, depth + 1)


def _name(key: object) -> str:
    if isinstance(key, Enum):
        key = key.value
    return key if isinstance(key, str) else str(key)
