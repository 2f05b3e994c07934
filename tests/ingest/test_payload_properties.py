"""What senders say in their own words: types are kept, nothing is left out, limits say their figure."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.events import Identify, Track
from eventlens.ingest.payload import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_KEY,
    MAX_PROPERTIES,
    Moment,
    Refusal,
    command_of,
    read_body,
)
from eventlens.ingest.payload.properties import SPECIALS, encoded_properties
from tests.support.pipeline import NOW


def take(kind: str, properties: Any) -> Any:
    payload = {"name": "a", "profileId": "p", "id": "g", "type": "company", "properties": properties}
    body = read_body(json.dumps({"type": kind, "payload": payload}).encode())
    return body if isinstance(body, Refusal) else command_of(body, Moment(NOW, trusted=True))


def nested(levels: int, inner: Any = 1, kind: str = "object") -> Any:
    for _ in range(levels):
        inner = [inner] if kind == "array" else {"a": inner}
    return inner


def sized(size: int) -> dict[str, Any]:
    """Properties that take `size` bytes as JSON."""
    return {"a": "x" * (size - len('{"a":""}'))}


KEPT: dict[str, Any] = {
    "number": 5,
    "fraction": 0.1,
    "large": 2**70,
    "true": True,
    "null": None,
    "text": "é😀\u2028",
    "text that looks like JSON": '{"a":1}',
    "empty": "",
    "array": [1, "x", None, [], {}],
    "object": {"a": {"b": [1.5]}, "": 0},
    "dots": {"a.b": 1},
}

LIMITS: dict[str, tuple[Any, Any]] = {
    "count": (
        {f"k{n}": n for n in range(MAX_PROPERTIES)},
        {f"k{n}": n for n in range(MAX_PROPERTIES + 1)},
    ),
    "objects": ({"a": nested(MAX_DEPTH - 1)}, {"a": nested(MAX_DEPTH)}),
    "arrays": ({"a": nested(MAX_DEPTH - 1, kind="array")}, {"a": nested(MAX_DEPTH, kind="array")}),
    "far too deep": ({"a": 1}, {"a": nested(900)}),
    "deep beside much": (
        {"a": nested(MAX_DEPTH - 1), "b": [{}] * 100},
        {"a": nested(MAX_DEPTH), "b": [{}] * 100},
    ),
    "name": ({"k" * MAX_KEY: 1}, {"k" * (MAX_KEY + 1): 1}),
    "name inside": ({"a": [{"k" * MAX_KEY: 1}]}, {"a": [{"k" * (MAX_KEY + 1): 1}]}),
    "name of many bytes": ({"é" * MAX_KEY: 1}, {"é" * (MAX_KEY + 1): 1}),
}
"""Limit → what just fits and what does not."""

FIELD = {
    "name": f"payload/properties/{'k' * 80}",
    "name inside": f"payload/properties/{'k' * 80}",
    "name of many bytes": f"payload/properties/{'é' * 80}",
}


@pytest.mark.parametrize("case", KEPT)
def test_types_are_kept(case: str) -> None:
    track = take("track", {case: KEPT[case]})
    assert isinstance(track, Track)
    assert json.loads(track.properties) == {case: KEPT[case]}
    for kind in ("identify", "group"):
        assert json.loads(take(kind, {"x": KEPT[case]}).properties["x"]) == KEPT[case]


@pytest.mark.parametrize("kind", ["track", "identify", "group"])
@pytest.mark.parametrize("case", LIMITS)
def test_limits(case: str, kind: str) -> None:
    fits, does_not = LIMITS[case]
    assert not isinstance(take(kind, fits), Refusal)
    refusal = take(kind, does_not)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("invalid", FIELD.get(case, "payload/properties"))
    assert any(character.isdigit() for character in refusal.message)


@pytest.mark.parametrize("kind", ["track", "identify", "group"])
def test_the_limit_of_size(kind: str) -> None:
    fits = sized(MAX_BYTES) if kind == "track" else {"a": "x" * (MAX_BYTES - 3)}
    does_not = {"a": fits["a"] + "x"}
    assert not isinstance(take(kind, fits), Refusal)
    refusal = take(kind, does_not)
    assert isinstance(refusal, Refusal)
    assert refusal.message == f"At most {MAX_BYTES} bytes of properties as JSON, got {MAX_BYTES + 1}"


def test_what_is_special_does_not_count_towards_the_limits() -> None:
    own = {f"k{n}": n for n in range(MAX_PROPERTIES)}
    assert isinstance(take("track", {**own, "__path": "/" * 100_000, "__title": "t"}), Track)


def test_what_is_known_of_a_profile_counts_with_its_properties() -> None:
    payload = {"profileId": "p", "avatar": "data:image/png;base64," + "A" * MAX_BYTES}
    body = read_body(json.dumps({"type": "identify", "payload": payload}).encode())
    assert not isinstance(body, Refusal)
    refusal = command_of(body, Moment(NOW, trusted=True))
    assert isinstance(refusal, Refusal)
    assert refusal.field == "payload/properties"


def test_specials_are_no_properties() -> None:
    said = dict.fromkeys(SPECIALS, "x")
    track = take("track", {**said, "__revenue": 1, "__identify": {"profileId": "p"}, "own": 1})
    assert isinstance(track, Track)
    assert json.loads(track.properties) == {"own": 1}
    identify = take("identify", {**said, "own": 1})
    assert isinstance(identify, Identify)
    assert identify.properties == {"own": b"1"}


def test_other_names_with_underscores_stay() -> None:
    said = {"__version": "1", "__buildNumber": 2, "__typename": "Order"}
    assert json.loads(take("track", said).properties) == said
    assert take("identify", {"__version": "1"}).properties == {"__version": b'"1"'}


TEXT = st.text(st.characters(codec="utf-8"))
NUMBER = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=30,
)


def depth(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inside), default=0)


def longest_name(value: Any) -> int:
    if isinstance(value, dict):
        return max([*map(len, value), *map(longest_name, value.values())], default=0)
    return max(map(longest_name, value), default=0) if isinstance(value, list) else 0


@given(st.dictionaries(TEXT, JSON, max_size=6), st.integers(0, 24))
def test_whatever_is_said_is_kept_whole_or_refused_for_a_limit(properties: Any, deeper: int) -> None:
    properties = {**properties, "deeper": nested(deeper, kind="array" if deeper % 2 else "object")}
    found = take("track", properties)
    over = depth(properties) > MAX_DEPTH or longest_name(properties) > MAX_KEY
    if isinstance(found, Refusal):
        assert over or len(msgspec.json.encode(properties)) > MAX_BYTES
    else:
        assert not over
        own = {name: value for name, value in properties.items() if name not in SPECIALS}
        assert json.loads(found.properties) == own


def test_what_is_plain_is_stored_as_it_reads_however_it_was_escaped():
    """Filters search the stored text for plain values before they read it as JSON."""
    every = "".join(map(chr, range(0x20, 0x7F)))
    plain = every.replace('"', "").replace("\\", "")
    escaped = "".join(f"\\u{ord(each):04x}" for each in plain)
    sent = msgspec.json.decode(f'{{"k": "{escaped}"}}')
    assert encoded_properties(sent) == f'{{"k":"{plain}"}}'.encode()
