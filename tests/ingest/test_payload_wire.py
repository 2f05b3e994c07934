"""Golden bodies of the wire: what the published clients send, byte for byte, and what it becomes."""

import json
from typing import Any

import msgspec
import pytest

from eventlens.events import Add, AssignGroup, Context, Envelope, Group, Identify, Replay, Track, pack, unpack
from eventlens.ingest.payload import (
    BODIES,
    MAX_GROUPS,
    MAX_REPLAY,
    Moment,
    Refusal,
    command_of,
    identify_inside,
    read_batch,
    read_body,
    read_payload,
    with_id,
)
from tests.support.pipeline import NOW

MOMENT = Moment(NOW, trusted=True)


def take(kind: str, payload: Any, moment: Moment = MOMENT) -> Any:
    """The command, or the refusal, of one body."""
    body = read_body(json.dumps({"type": kind, "payload": payload}).encode())
    return body if isinstance(body, Refusal) else command_of(body, moment)


def fields_of(command: Any) -> dict[str, Any]:
    """What a command says: all but what is empty, and the server's time."""
    assert not isinstance(command, Refusal), command
    nothing = ("", (), {}, b"{}", 0, False, None, NOW)
    values = {field.name: getattr(command, field.name) for field in msgspec.structs.fields(command)}
    return {name: value for name, value in values.items() if value not in nothing}


# --- what published clients send -------------------------------------------------------------------

GOLDEN: dict[str, tuple[bytes, type, dict[str, Any]]] = {
    "track": (
        (
            b'{"type":"track","payload":{"name":"hello","profileId":"p9","groups":["g0"],'
            b'"properties":{"env":"x","a":1,"b":[1]}}}'
        ),
        Track,
        {
            "name": "hello",
            "profile_id": "p9",
            "groups": ("g0",),
            "properties": b'{"env":"x","a":1,"b":[1]}',
        },
    ),
    "identify": (
        (
            b'{"type":"identify","payload":{"profileId":"p1","firstName":"A","email":"a@b.co",'
            b'"properties":{"env":"x","plan":"x"}}}'
        ),
        Identify,
        {
            "profile_id": "p1",
            "properties": {"$firstName": b'"A"', "$email": b'"a@b.co"', "env": b'"x"', "plan": b'"x"'},
        },
    ),
    "increment": (
        b'{"type":"increment","payload":{"profileId":"p1","property":"c","value":2}}',
        Add,
        {"profile_id": "p1", "property": "c", "value": b"2"},
    ),
    "decrement without a value": (
        b'{"type":"decrement","payload":{"profileId":"p1","property":"c"}}',
        Add,
        {"profile_id": "p1", "property": "c", "value": b"-1"},
    ),
    "revenue": (
        (
            b'{"type":"track","payload":{"name":"revenue","profileId":"p1",'
            b'"properties":{"currency":"USD","__deviceId":"dd","__revenue":1500}}}'
        ),
        Track,
        {
            "name": "revenue",
            "profile_id": "p1",
            "device_id": "dd",
            "revenue": 1500,
            "currency": "USD",
            "properties": b'{"currency":"USD"}',
        },
    ),
    "group": (
        b'{"type":"group","payload":{"id":"g","type":"company","name":"Acme","properties":{"x":1}}}',
        Group,
        {"group_id": "g", "type": "company", "name": "Acme", "properties": {"x": b"1"}},
    ),
    "assign_group": (
        b'{"type":"assign_group","payload":{"groupIds":["g"],"profileId":"p1"}}',
        AssignGroup,
        {"group_ids": ("g",), "profile_id": "p1"},
    ),
    "an event that waited": (
        b'{"type":"track","payload":{"name":"a","properties":{"__timestamp":"2026-09-21T11:00:58.085Z"}}}',
        Track,
        {"name": "a", "timestamp": 1_789_988_458_085, "own_time": True},
    ),
    "a screen view of the web": (
        (
            b'{"type":"track","payload":{"name":"screen_view","properties":{'
            b'"__referrer":"https://www.google.com/","__path":"https://a.example/p?q=1#h","__title":"P"}}}'
        ),
        Track,
        {
            "name": "screen_view",
            "path": "https://a.example/p?q=1#h",
            "referrer": "https://www.google.com/",
            "title": "P",
        },
    ),
    "a link out of the web": (
        (
            b'{"type":"track","payload":{"name":"link_out","properties":{"__referrer":"",'
            b'"href":"https://b.example/","text":"B","__path":"https://a.example/"}}}'
        ),
        Track,
        {
            "name": "link_out",
            "path": "https://a.example/",
            "properties": b'{"href":"https://b.example/","text":"B"}',
        },
    ),
    "an anonymous event of PyPI's openpanel": (
        b'{"type": "track", "payload": {"name": "x", "properties": {"a": 1}, "profileId": null}}',
        Track,
        {"name": "x", "properties": b'{"a":1}'},
    ),
    "an increment of PyPI's openpanel": (
        b'{"type": "increment", "payload": {"profileId": "p", "property": "c", "value": null}}',
        Add,
        {"profile_id": "p", "property": "c", "value": b"1"},
    ),
    "a recording of the web 1.4.1, which names no session": (
        (
            b'{"type":"replay","payload":{"chunk_index":0,"events_count":2,"is_full_snapshot":true,'
            b'"started_at":"2026-09-21T11:00:00.000Z","ended_at":"2026-09-21T11:00:10.000Z",'
            b'"payload":"[{\\"type\\":4},{\\"type\\":2}]"}}'
        ),
        Replay,
        {
            "timestamp": 1_789_988_400_000,
            "ended_at": 1_789_988_410_000,
            "events_count": 2,
            "is_full_snapshot": True,
            "payload": '[{"type":4},{"type":2}]',
        },
    ),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_what_published_clients_send(case: str) -> None:
    raw, kind, said = GOLDEN[case]
    body = read_body(raw)
    assert not isinstance(body, Refusal), body
    command = command_of(body, MOMENT)
    assert isinstance(command, kind), command
    assert not isinstance(command, Refusal)
    assert fields_of(command) == said
    assert unpack(pack([Envelope(Context("p"), [command])]))[0].commands == [command]


LEAST: dict[str, dict[str, Any]] = {
    "track": {"name": "a"},
    "identify": {"profileId": "p"},
    "increment": {"profileId": "p", "property": "n"},
    "decrement": {"profileId": "p", "property": "n"},
    "alias": {"profileId": "p", "alias": "q"},
    "group": {"id": "g", "type": "company", "name": "Acme"},
    "assign_group": {"groupIds": ["g"]},
    "replay": {
        "chunk_index": 3,
        "events_count": 1,
        "is_full_snapshot": False,
        "started_at": "2026-09-21T11:00:00Z",
        "ended_at": "2026-09-21T11:00:01Z",
        "payload": "[]",
    },
}
"""Kind → what its payload has to say."""

PAYLOADS = {kind: body.__annotations__["payload"] for kind, body in BODIES.items()}
OPTIONAL = [
    (kind, field.encode_name)
    for kind, payload in PAYLOADS.items()
    for field in msgspec.structs.fields(payload)
    if not field.required
]


def test_every_kind_has_its_least() -> None:
    assert LEAST.keys() == BODIES.keys()
    assert len(OPTIONAL) > 30


@pytest.mark.parametrize(("kind", "name"), OPTIONAL)
def test_null_is_absence(kind: str, name: str) -> None:
    absent = take(kind, LEAST[kind])
    assert not isinstance(absent, Refusal), absent
    assert take(kind, {**LEAST[kind], name: None}) == absent
    frame = {"type": kind, "payload": LEAST[kind], "clientId": None, "clientSecret": None}
    body = read_body(json.dumps(frame).encode())
    assert not isinstance(body, Refusal)
    assert command_of(body, MOMENT) == absent


@pytest.mark.parametrize("kind", LEAST)
def test_what_has_to_be_said_is_named_when_it_is_not(kind: str) -> None:
    for name in LEAST[kind]:
        said = {key: value for key, value in LEAST[kind].items() if key != name}
        for payload in (said, {**said, name: None}):
            refusal = take(kind, payload)
            assert isinstance(refusal, Refusal)
            assert refusal.field == f"payload/{name}"


@pytest.mark.parametrize("kind", LEAST)
def test_a_payload_alone_may_bring_its_credentials(kind: str) -> None:
    alone = read_payload(kind, json.dumps({**LEAST[kind], "clientId": "c", "clientSecret": "s"}).encode())
    assert not isinstance(alone, Refusal)
    assert (alone.client_id, alone.client_secret) == ("c", "s")
    assert command_of(alone, MOMENT) == take(kind, LEAST[kind])
    refusal = read_payload(kind, json.dumps({**LEAST[kind], "clientId": 7}).encode())
    assert isinstance(refusal, Refusal)
    assert refusal.field == "clientId"


def test_a_batch_may_bring_its_credentials() -> None:
    one = {"type": "track", "payload": {"name": "a"}}
    frame = {"clientId": "c", "clientSecret": "s", "events": [{}, one, {**one, "clientId": "own"}]}
    bodies = read_batch(json.dumps(frame).encode(), lines=False, limit=5)
    assert not isinstance(bodies, Refusal)
    named = [(body.client_id, body.client_secret) for body in bodies if not isinstance(body, Refusal)]
    assert named == [("c", "s"), ("own", None)]


# --- groups and recordings -------------------------------------------------------------------------


def test_groups() -> None:
    assert fields_of(take("group", {**LEAST["group"], "id": 7})) == {
        "group_id": "7",
        "type": "company",
        "name": "Acme",
    }
    many = [f"g{n}" for n in range(MAX_GROUPS)]
    assert take("assign_group", {"groupIds": [*many, "g0", ""]}).group_ids == tuple(many)
    assert take("track", {"name": "a", "groups": ["b", "", "a", "b"]}).groups == ("b", "a")
    assert take("assign_group", {"groupIds": []}).group_ids == ()
    assert take("assign_group", {"groupIds": ["g"], "profileId": 7, "deviceId": "d"}).device_id == "d"


@pytest.mark.parametrize(
    ("kind", "payload", "field"),
    [
        ("group", {"id": ""}, "id"),
        ("group", {"id": "g" * 257}, "id"),
        ("group", {"type": ""}, "type"),
        ("group", {"type": "t" * 81}, "type"),
        ("group", {"name": ""}, "name"),
        ("group", {"name": "n" * 257}, "name"),
        ("group", {"properties": {"a" * 129: 1}}, f"properties/{'a' * 80}"),
        ("group", {"timestamp": "soon"}, "timestamp"),
        ("assign_group", {"groupIds": "g"}, "groupIds"),
        ("assign_group", {"groupIds": ["g", None]}, "groupIds/1"),
        ("assign_group", {"groupIds": ["g", "g" * 257]}, "groupIds/1"),
        ("assign_group", {"groupIds": [f"g{n}" for n in range(MAX_GROUPS + 1)]}, "groupIds"),
        ("assign_group", {"profileId": "p" * 257}, "profileId"),
        ("assign_group", {"deviceId": "d" * 65}, "deviceId"),
        ("assign_group", {"id": ""}, "id"),
        ("assign_group", {"timestamp": -1}, "timestamp"),
        ("track", {"groups": [f"g{n}" for n in range(MAX_GROUPS + 1)]}, "groups"),
        ("track", {"groups": ["a", "g" * 257]}, "groups/1"),
        ("replay", {"chunk_index": -1}, "chunk_index"),
        ("replay", {"chunk_index": 65_536}, "chunk_index"),
        ("replay", {"chunk_index": "0"}, "chunk_index"),
        ("replay", {"events_count": 0}, "events_count"),
        ("replay", {"is_full_snapshot": "yes"}, "is_full_snapshot"),
        ("replay", {"started_at": "soon"}, "started_at"),
        ("replay", {"ended_at": ""}, "ended_at"),
        ("replay", {"payload": []}, "payload"),
        ("replay", {"payload": "x" * (MAX_REPLAY + 1)}, "payload"),
        ("replay", {"sessionId": "s" * 65}, "sessionId"),
        ("replay", {"deviceId": "d" * 65}, "deviceId"),
        ("replay", {"profileId": "p" * 257}, "profileId"),
    ],
)
def test_what_is_wrong_with_groups_and_recordings(kind: str, payload: dict[str, Any], field: str) -> None:
    refusal = take(kind, {**LEAST[kind], **payload})
    assert isinstance(refusal, Refusal), refusal
    assert refusal.field == f"payload/{field}"
    assert len(refusal.message) <= 200


@pytest.mark.parametrize(
    ("started", "ended", "kept"),
    [
        (NOW - 5_000, NOW - 1_000, (NOW - 5_000, NOW - 1_000)),
        (NOW + 10_000, NOW + 20_000, (NOW + 10_000, NOW + 20_000)),  # as far ahead as any clock may be
        (NOW + 3_600_000, NOW + 3_610_000, (NOW - 10_000, NOW)),  # an hour ahead: put right, the length stays
        (NOW - 1_000, NOW - 5_000, (NOW - 1_000, NOW - 1_000)),  # a clock that was put back meanwhile
        (0, 10**18, (0, NOW)),
    ],
)
def test_when_a_recording_was_made(started: int, ended: int, kept: tuple[int, int]) -> None:
    replay = take("replay", {**LEAST["replay"], "started_at": started, "ended_at": ended})
    assert isinstance(replay, Replay)
    assert (replay.timestamp, replay.ended_at) == kept


def test_the_longest_recording_fits() -> None:
    replay = take("replay", {**LEAST["replay"], "payload": "é" * MAX_REPLAY})
    assert isinstance(replay, Replay)
    assert len(replay.payload) == MAX_REPLAY


# --- revenue, ids ----------------------------------------------------------------------------------

REVENUE = {"name": "revenue", "properties": {"__revenue": 5, "currency": "jpy"}}


def test_a_project_may_take_revenue_without_the_secret() -> None:
    assert take("track", REVENUE, Moment(NOW, trusted=False)).code == "revenue"
    taken = take("track", REVENUE, Moment(NOW, trusted=False, unverified_revenue=True))
    assert (taken.revenue, taken.currency) == (5, "JPY")
    negative = {"name": "revenue", "properties": {"__revenue": -5}}
    assert isinstance(take("track", negative, Moment(NOW, trusted=False, unverified_revenue=True)), Refusal)


@pytest.mark.parametrize("kind", LEAST)
def test_an_id_from_outside_counts_where_a_body_states_none(kind: str) -> None:
    def id_of(payload: dict[str, Any]) -> str:
        body = read_payload(kind, json.dumps(payload).encode())
        assert not isinstance(body, Refusal)
        command = command_of(with_id(body, "key"), MOMENT)
        assert not isinstance(command, Refusal)
        return command.id

    if kind == "group":  # `id` is the group's own
        assert id_of(LEAST[kind]) == ""
        return
    assert id_of(LEAST[kind]) == "key"
    assert id_of({**LEAST[kind], "id": "own"}) == "own"


def test_only_events_carry_identifications() -> None:
    for kind in LEAST.keys() - {"track"}:
        body = read_body(json.dumps({"type": kind, "payload": LEAST[kind]}).encode())
        assert not isinstance(body, Refusal)
        command = command_of(body, MOMENT)
        assert not isinstance(command, Refusal)
        assert identify_inside(body, command, MOMENT) is None
