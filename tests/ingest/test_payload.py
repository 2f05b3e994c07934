"""What clients may send, what becomes of it, and what is refused with the field's name."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.events import Add, Alias, Command, Context, Envelope, Identify, Track, pack, unpack
from eventlens.ingest.payload import (
    BODIES,
    MAX_DEPTH,
    Moment,
    Refusal,
    command_of,
    identify_inside,
    read_batch,
    read_body,
    read_payload,
)
from tests.support.pipeline import NOW

HOUR = 3_600_000
CONTEXT = Context("p")


def take(kind: str, payload: Any, *, trusted: bool = True) -> Any:
    """The command, or the refusal, of one body."""
    body = read_body(json.dumps({"type": kind, "payload": payload}).encode())
    return body if isinstance(body, Refusal) else command_of(body, Moment(NOW, trusted))


def track(trusted: bool = True, **fields: Any) -> Any:
    return take("track", {"name": "screen_view", **fields}, trusted=trusted)


def special(**properties: Any) -> Any:
    return track(properties=properties)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


GOOD: dict[str, tuple[Any, dict[str, Any]]] = {
    "bare": (track(), {"name": "screen_view", "timestamp": NOW, "own_time": False, "properties": b"{}"}),
    "every null": (
        track(
            properties=None,
            profileId=None,
            groups=None,
            id=None,
            deviceId=None,
            sessionId=None,
            path=None,
            referrer=None,
            timestamp=None,
        ),
        {"name": "screen_view", "profile_id": "", "id": "", "device_id": "", "groups": (), "own_time": False},
    ),
    "every field": (
        track(
            profileId="p",
            groups=["g"],
            id="i",
            deviceId="d",
            sessionId="s",
            path="/a",
            referrer="https://r.example/",
            timestamp=1_789_992_000,
        ),
        {
            "profile_id": "p",
            "groups": ("g",),
            "id": "i",
            "device_id": "d",
            "session_id": "s",
            "path": "/a",
            "referrer": "https://r.example/",
            "timestamp": 1_789_992_000_000,
            "own_time": True,
        },
    ),
    "unknown keys": (track(colour="red"), {"name": "screen_view"}),
    "profile number": (track(profileId=7), {"profile_id": "7"}),
    "profile float": (track(profileId=7.0), {"profile_id": "7"}),
    "profile fraction": (track(profileId=7.5), {"profile_id": "7.5"}),
    "profile large": (track(profileId=10**30), {"profile_id": str(10**30)}),
    "longest id": (track(id="x" * 128), {"id": "x" * 128}),
    "longest device": (track(deviceId="x" * 64), {"device_id": "x" * 64}),
    "empty device": (track(deviceId=""), {"device_id": ""}),
    "iso time": (
        track(timestamp="2026-09-21T12:00:00.123Z"),
        {"timestamp": 1_789_992_000_123, "own_time": True},
    ),
    "offset time": (track(timestamp="2026-09-21T14:00:00+02:00"), {"timestamp": 1_789_992_000_000}),
    "naive time is UTC": (track(timestamp="2026-09-21T12:00:00"), {"timestamp": 1_789_992_000_000}),
    "float time": (track(timestamp=1_789_992_000_000.9), {"timestamp": 1_789_992_000_000}),
    "first instant": (track(timestamp=0), {"timestamp": 0, "own_time": True}),
    "clock a minute ahead": (track(timestamp=NOW + 60_000), {"timestamp": NOW + 60_000, "own_time": True}),
    "clock further ahead": (track(timestamp=NOW + 60_001), {"timestamp": NOW, "own_time": False}),
    "far future": (track(timestamp="9999-12-31T23:59:59Z"), {"timestamp": NOW, "own_time": False}),
    "absurd future": (track(timestamp=10**40), {"timestamp": NOW, "own_time": False}),
    "special page": (
        special(__path="https://e.example/x?y", __referrer="https://r.example", __title="T", a=1),
        {
            "path": "https://e.example/x?y",
            "referrer": "https://r.example",
            "title": "T",
            "properties": b'{"a":1}',
        },
    ),
    "legacy page": (special(path="/x", referrer="/r"), {"path": "/x", "referrer": "/r"}),
    "own path beats special": (
        track(path="/own", properties={"__path": "/special"}),
        {"path": "/own"},
    ),
    "special nulls": (
        special(__path=None, __deviceId=None, __timestamp=None, __revenue=None, __os=None, __identify=None),
        {"path": "", "device_id": "", "own_time": False, "overrides": None, "properties": b"{}"},
    ),
    "special of wrong kinds": (
        special(__path=5, __title=[], __deviceId={}, __os=7, __timestamp=True),
        {"path": "", "title": "", "device_id": "", "overrides": None, "timestamp": NOW, "own_time": False},
    ),
    "special device": (special(__deviceId="d"), {"device_id": "d"}),
    "special time": (
        special(__timestamp="2026-09-21T12:00:00Z"),
        {"timestamp": 1_789_992_000_000, "own_time": True},
    ),
    "special time garbage": (special(__timestamp="yesterday"), {"timestamp": NOW, "own_time": False}),
    "special time ahead": (special(__timestamp=NOW + HOUR), {"timestamp": NOW, "own_time": False}),
    "overrides": (
        special(__os="iOS", __brand="Apple", __browserVersion="1"),
        {"overrides": {"os": "iOS", "brand": "Apple", "browser_version": "1"}},
    ),
    "versions stay": (
        special(__version="1.2", __buildNumber=7),
        {"properties": b'{"__version":"1.2","__buildNumber":7}'},
    ),
    "server's own": (
        special(__bot=True, __bot_reasons=["x"], __query={"a": 1}, __hash="x", __ip="1.2.3.4"),
        {"properties": b"{}"},
    ),
    "other underscores stay": (special(__typename="Order"), {"properties": b'{"__typename":"Order"}'}),
    "types stay": (
        special(a=1, b=1.5, c=True, d=None, e=[1, "x"], f={"g": {}}, h="{}"),
        {"properties": b'{"a":1,"b":1.5,"c":true,"d":null,"e":[1,"x"],"f":{"g":{}},"h":"{}"}'},
    ),
    "big numbers stay": (
        special(a=2**64, b=10**30),
        {"properties": b'{"a":18446744073709551616,"b":%d}' % 10**30},
    ),
    "zero bytes stay": (special(a="x\0y"), {"properties": b'{"a":"x\\u0000y"}'}),
    "deep": (special(a=nested(MAX_DEPTH - 1)), {"name": "screen_view"}),
    "broad": (special(a=[{} for _ in range(500)]), {"name": "screen_view"}),
    "long texts are cut": (
        track(path="/" * 5_000, properties={"__title": "t" * 5_000}),
        {"path": "/" * 2_048},
    ),
    "revenue": (
        take("track", {"name": "revenue", "properties": {"__revenue": 1_99, "currency": "eur"}}),
        {"revenue": 199, "currency": "EUR"},
    ),
    "revenue of nothing": (
        take("track", {"name": "revenue", "properties": {"__revenue": 0}}),
        {"revenue": 0},
    ),
    "revenue as a float": (
        take("track", {"name": "revenue", "properties": {"__revenue": 5.0}}),
        {"revenue": 5},
    ),
    "revenue elsewhere": (special(__revenue=5), {"revenue": None, "properties": b"{}"}),
    "revenue elsewhere untrusted": (track(False, properties={"__revenue": 5}), {"revenue": None}),
    "identify": (
        take(
            "identify", {"profileId": 7, "firstName": "A", "email": "a@b.example", "properties": {"x": [1]}}
        ),
        {"profile_id": "7", "properties": {"$firstName": b'"A"', "$email": b'"a@b.example"', "x": b"[1]"}},
    ),
    "identify nulls": (
        take(
            "identify",
            {"profileId": "p", "firstName": None, "email": None, "avatar": None, "properties": None},
        ),
        {"profile_id": "p", "properties": {}},
    ),
    "increment": (take("increment", {"profileId": "p", "property": "n"}), {"value": b"1", "property": "n"}),
    "increment null": (
        take("increment", {"profileId": "p", "property": "n", "value": None}),
        {"value": b"1"},
    ),
    "increment decimals": (
        take("increment", {"profileId": "p", "property": "a.b", "value": 0.1}),
        {"value": b"0.1"},
    ),
    "decrement": (take("decrement", {"profileId": "p", "property": "n", "value": 2}), {"value": b"-2"}),
    "alias": (take("alias", {"profileId": "p", "alias": 9}), {"profile_id": "p", "alias": "9"}),
}


@pytest.mark.parametrize("case", GOOD)
def test_good_bodies(case):
    command, expected = GOOD[case]
    assert not isinstance(command, Refusal), command
    assert {name: getattr(command, name) for name in expected} == expected
    assert unpack(pack([Envelope(CONTEXT, [command])]))[0].commands == [command]


BAD: dict[str, tuple[Any, str, str]] = {
    "no name": (take("track", {}), "invalid", "payload/name"),
    "null name": (track(name=None), "invalid", "payload/name"),
    "empty name": (track(name=""), "invalid", "payload/name"),
    "long name": (track(name="n" * 81), "invalid", "payload/name"),
    "line break": (track(name="a\nb"), "invalid", "payload/name"),
    "reserved": (track(name="session_start"), "reserved", "payload/name"),
    "name number": (track(name=5), "invalid", "payload/name"),
    "properties list": (track(properties=[]), "invalid", "payload/properties"),
    "properties text": (track(properties="{}"), "invalid", "payload/properties"),
    "profile bool": (track(profileId=True), "invalid", "payload/profileId"),
    "profile object": (track(profileId={}), "invalid", "payload/profileId"),
    "long profile": (track(profileId="p" * 257), "invalid", "payload/profileId"),
    "huge profile": (track(profileId=1e300), "invalid", "payload/profileId"),
    "group number": (track(groups=["g", 5]), "invalid", "payload/groups/1"),
    "groups text": (track(groups="g"), "invalid", "payload/groups"),
    "empty id": (track(id=""), "invalid", "payload/id"),
    "long id": (track(id="x" * 129), "invalid", "payload/id"),
    "number id": (track(id=5), "invalid", "payload/id"),
    "long device": (track(deviceId="d" * 65), "invalid", "payload/deviceId"),
    "long special device": (special(__deviceId="d" * 65), "invalid", "payload/properties/__deviceId"),
    "long session": (track(sessionId="s" * 65), "invalid", "payload/sessionId"),
    "time garbage": (track(timestamp="yesterday"), "invalid", "payload/timestamp"),
    "time empty": (track(timestamp=""), "invalid", "payload/timestamp"),
    "time before 1970": (track(timestamp=-1), "invalid", "payload/timestamp"),
    "time long ago": (track(timestamp="0001-01-01T00:00:00+14:00"), "invalid", "payload/timestamp"),
    "time bool": (track(timestamp=True), "invalid", "payload/timestamp"),
    "too deep": (special(a=nested(MAX_DEPTH)), "invalid", "payload/properties"),
    "far too deep": (special(a=nested(900)), "invalid", "payload/properties"),
    "revenue untrusted": (
        take("track", {"name": "revenue", "properties": {"__revenue": 5}}, trusted=False),
        "revenue",
        "payload/properties/__revenue",
    ),
    "revenue negative": (
        take("track", {"name": "revenue", "properties": {"__revenue": -1}}),
        "invalid",
        "payload/properties/__revenue",
    ),
    "revenue fraction": (
        take("track", {"name": "revenue", "properties": {"__revenue": 1.5}}),
        "invalid",
        "payload/properties/__revenue",
    ),
    "revenue bool": (
        take("track", {"name": "revenue", "properties": {"__revenue": True}}),
        "invalid",
        "payload/properties/__revenue",
    ),
    "revenue huge": (
        take("track", {"name": "revenue", "properties": {"__revenue": 1e308}}),
        "invalid",
        "payload/properties/__revenue",
    ),
    "currency": (
        take("track", {"name": "revenue", "properties": {"__revenue": 1, "currency": "euro"}}),
        "invalid",
        "payload/properties/currency",
    ),
    "identify nobody": (take("identify", {}), "invalid", "payload/profileId"),
    "identify empty": (take("identify", {"profileId": ""}), "invalid", "payload/profileId"),
    "identify e-mail": (take("identify", {"profileId": "p", "email": "no"}), "invalid", "payload/email"),
    "identify avatar": (
        take("identify", {"profileId": "p", "avatar": "javascript:x"}),
        "invalid",
        "payload/avatar",
    ),
    "identify deep": (
        take("identify", {"profileId": "p", "properties": {"a": nested(200)}}),
        "invalid",
        "payload/properties",
    ),
    "increment of nothing": (take("increment", {"profileId": "p"}), "invalid", "payload/property"),
    "increment empty": (take("increment", {"profileId": "p", "property": ""}), "invalid", "payload/property"),
    "increment text": (
        take("increment", {"profileId": "p", "property": "n", "value": "1"}),
        "invalid",
        "payload/value",
    ),
    "increment zero": (
        take("increment", {"profileId": "p", "property": "n", "value": 0}),
        "invalid",
        "payload/value",
    ),
    "decrement negative": (
        take("decrement", {"profileId": "p", "property": "n", "value": -1}),
        "invalid",
        "payload/value",
    ),
    "alias of nobody": (take("alias", {"profileId": "p"}), "invalid", "payload/alias"),
    "alias empty": (take("alias", {"profileId": "p", "alias": ""}), "invalid", "payload/alias"),
    "alias id": (take("alias", {"profileId": "p", "alias": "q", "id": ""}), "invalid", "payload/id"),
    "unknown type": (take("dance", {}), "invalid", "type"),
    "number type": (read_body(b'{"type":5}'), "invalid", "type"),
    "no type": (read_body(b'{"payload":{"name":"a"}}'), "invalid", "type"),
    "no payload": (read_body(b'{"type":"track"}'), "invalid", "payload"),
    "null payload": (read_body(b'{"type":"track","payload":null}'), "invalid", "payload"),
    "null": (read_body(b"null"), "invalid", ""),
    "list": (read_body(b"[]"), "invalid", ""),
    "nothing": (read_body(b""), "malformed", ""),
    "half": (read_body(b'{"type":"tra'), "malformed", ""),
    "trailing": (read_body(b'{"type":"alias","payload":{"profileId":1,"alias":2}}x'), "malformed", ""),
    "latin": (read_body(b'{"type":"track","payload":{"name":"\xe9"}}'), "malformed", ""),
    "lone surrogate in broken text": (
        read_body(b'{"type":"track","payload":{"name":"\\ud800}'),
        "malformed",
        "",
    ),
    "number out of range": (
        read_body(b'{"type":"track","payload":{"name":"a","properties":{"x":1e999}}}'),
        "invalid",
        "payload/properties",
    ),
    "brackets": (read_body(b'{"type":"track","payload":' + b"[" * 100_000), "invalid", "payload"),
    "bad client": (read_body(b'{"type":"track","clientId":5,"payload":{"name":"a"}}'), "invalid", "clientId"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_bodies(case):
    refusal, code, field = BAD[case]
    assert isinstance(refusal, Refusal), refusal
    assert (refusal.code, refusal.field) == (code, field)
    assert refusal.message
    assert len(refusal.message) < 300


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (r"\ud83d", "\ufffd"),
        (r"a\uDE00b", "a\ufffdb"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud83d\ud83d\ude00\ude00", "\ufffd😀\ufffd"),
        (r"\\\\ud83d \ud83d", r"\\ud83d" + " \ufffd"),
        (r"\ud83dx \n\"", '\ufffdx \n"'),
        (r"\u00e9\ud7ff\ue000", "é\ud7ff\ue000"),
    ],
)
def test_half_a_character_does_not_cost_the_event(sent, kept):
    payload = '{"name":"a","id":"\\ud800","referrer":"' + sent + '"}'
    body = read_body(f'{{"type":"track","payload":{payload}}}'.encode())
    assert not isinstance(body, Refusal), body
    assert body.payload.id == "\ufffd"
    command = command_of(body, Moment(NOW, trusted=True))
    assert isinstance(command, Track)
    assert command.referrer == kept


def test_what_the_sender_wrote_is_quoted_briefly():
    refusal = take("x" * 100_000, {})
    assert len(refusal.message) <= 200


@pytest.mark.parametrize("kind", BODIES)
def test_a_payload_alone_is_read_like_one_in_a_body(kind):
    payload = {
        "id": "g",
        "name": "a",
        "type": "t",
        "profileId": "p",
        "property": "n",
        "alias": "q",
        "groupIds": ["g"],
        "chunk_index": 0,
        "events_count": 1,
        "is_full_snapshot": True,
        "started_at": 1_000,
        "ended_at": 2_000,
        "payload": "[]",
    }
    alone = read_payload(kind, json.dumps(payload).encode())
    assert not isinstance(alone, Refusal)
    assert command_of(alone, Moment(NOW, trusted=True)) == take(kind, payload)
    refused = read_payload(kind, b'{"profileId":[]}')
    assert isinstance(refused, Refusal)


# --- __identify ------------------------------------------------------------------------------------


def inside(identify: Any, **fields: Any) -> Any:
    payload = {"name": "a", "properties": {"__identify": identify}, **fields}
    body = read_body(json.dumps({"type": "track", "payload": payload}).encode())
    assert not isinstance(body, Refusal)
    command = command_of(body, Moment(NOW, trusted=True))
    assert isinstance(command, Track)
    return identify_inside(body, command, Moment(NOW, trusted=True))


def test_an_identification_inside_an_event_happens_when_the_event_does():
    assert inside({"profileId": "p"}, timestamp=5_000) == Identify("p", 5_000_000)
    assert inside({"profileId": 7, "lastName": "L"}).properties == {"$lastName": b'"L"'}
    assert inside({"profileId": "p", "timestamp": 7_000}, timestamp=5_000).timestamp == 7_000_000
    assert inside(None) is None


@pytest.mark.parametrize(
    ("identify", "field"),
    [
        ({}, "payload/properties/__identify/profileId"),
        ({"profileId": []}, "payload/properties/__identify/profileId"),
        ({"profileId": ""}, "payload/properties/__identify/profileId"),
        ({"profileId": "p", "email": "x"}, "payload/properties/__identify/email"),
        ("p", "payload/properties/__identify"),
        ([], "payload/properties/__identify"),
    ],
)
def test_a_bad_identification_inside_an_event_is_refused(identify, field):
    refusal = inside(identify)
    assert isinstance(refusal, Refusal)
    assert refusal.field == field


def test_only_events_carry_identifications():
    body = read_body(b'{"type":"alias","payload":{"profileId":"p","alias":"q"}}')
    assert not isinstance(body, Refusal)
    assert identify_inside(body, Alias("p", "q", 0), Moment(NOW, trusted=True)) is None


# --- anything at all -------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from(
    "name properties profileId groups id deviceId sessionId path referrer timestamp property value alias "
    "email avatar firstName type groupIds chunk_index events_count is_full_snapshot started_at ended_at "
    "payload".split()
) | st.text(max_size=4)
SPECIALS = st.sampled_from(
    "__path __referrer __title __timestamp __deviceId __identify __revenue __os __version currency a".split()
)


@given(
    kind=st.sampled_from([*BODIES, "other"]),
    payload=st.dictionaries(KEYS, VALUES),
    properties=st.dictionaries(SPECIALS, VALUES),
)
def test_whatever_comes_becomes_a_command_or_a_refusal(kind, payload, properties):
    payload = {"name": "a", "properties": properties, **payload}
    raw = json.dumps({"type": kind, "payload": payload}).encode("utf-8", "surrogatepass")
    body = read_body(raw)
    if isinstance(body, Refusal):
        return
    command = command_of(body, Moment(NOW, trusted=True))
    if isinstance(command, Refusal):
        return
    assert isinstance(command, Command)
    assert 0 <= command.timestamp <= NOW + 60_000
    unpack(pack([Envelope(CONTEXT, [command])]))
    identify_inside(body, command, Moment(NOW, trusted=True))


@given(st.binary(max_size=60))
def test_whatever_bytes_come_are_read_or_refused(raw):
    for found in (
        read_body(raw),
        read_batch(raw, lines=True, limit=5),
        read_batch(raw, lines=False, limit=5),
    ):
        assert found is not None


# --- seconds, and what profiles can add up ---------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "milliseconds"),
    [
        (1_732_000_000, 1_732_000_000_000),
        (1_732_000_000.25, 1_732_000_000_250),
        (0.5, 500),
        (1_732_000_000_000, 1_732_000_000_000),
        (10**11, 10**11),  # milliseconds: 3 March 1973
    ],
)
def test_small_numbers_are_seconds(stated, milliseconds):
    assert track(timestamp=stated).timestamp == milliseconds
    assert special(__timestamp=stated).timestamp == milliseconds


def test_seconds_far_ahead_are_the_servers_time_too():
    assert (track(timestamp=10**11 - 1).timestamp, track(timestamp=10**11 - 1).own_time) == (NOW, False)


def test_what_is_no_time_says_what_would_be():
    refusal = track(timestamp=-1)
    assert isinstance(refusal, Refusal)
    assert "seconds (numbers below 10^11)" in refusal.message


@pytest.mark.parametrize("name", ["a" * 128, ".".join("abcdefgh"), "$odd", "a..b"])
def test_names_of_properties(name):
    assert isinstance(take("increment", {"profileId": "p", "property": name}), Add)
    found = take("identify", {"profileId": "p", "properties": {name: 1}})
    assert isinstance(found, Identify)
    assert found.properties == {name: b"1"}


@pytest.mark.parametrize("name", ["a" * 129, ".".join("abcdefghi"), "." * 8])
def test_names_that_lead_too_deep(name):
    for kind in ("increment", "decrement"):
        refusal = take(kind, {"profileId": "p", "property": name})
        assert isinstance(refusal, Refusal)
        assert refusal.field == "payload/property"
    refusal = take("identify", {"profileId": "p", "properties": {name: 1}})
    assert isinstance(refusal, Refusal)
    assert refusal.field == f"payload/properties/{name[:80]}"


@pytest.mark.parametrize("value", [10**15 + 1, 1e300, -1e300, 10**40])
def test_steps_that_no_sum_survives(value):
    for kind in ("increment", "decrement"):
        refusal = take(kind, {"profileId": "p", "property": "n", "value": value})
        assert isinstance(refusal, Refusal)
        assert refusal.field == "payload/value"
    largest = take("decrement", {"profileId": "p", "property": "n", "value": 10**15})
    assert isinstance(largest, Add)
    assert largest.value == b"-1000000000000000"


def test_an_address_is_checked_in_linear_time() -> None:
    started = time.monotonic()
    body = read_body(
        b'{"type":"identify","payload":{"profileId":"x","email":"a@' + b"." * 1_000_000 + b'@"}}'
    )
    assert not isinstance(body, Refusal)
    refusal = command_of(body, Moment(0, trusted=True))
    assert isinstance(refusal, Refusal)
    assert refusal.field == "payload/email"
    assert time.monotonic() - started < 1
