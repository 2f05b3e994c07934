"""Explorers, people, pickers and exports on random streams, against the oracle's."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.nodes import device_node
from tests.oracle import explorers
from tests.oracle.comparison import check, whole
from tests.oracle.conditions import conditions, holds, texts_of
from tests.oracle.door import sent
from tests.oracle.model import Oracle, source_of
from tests.oracle.streams import DEVICES, streams
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
FEWER = settings(ORACLE, max_examples=max(8, ORACLE.max_examples // 4))
"""Each stream is asked some dozens of questions."""


def person_of(row: dict[str, Any]) -> str:
    """How the oracle calls the person of a row."""
    if row["identified"]:
        return f"profile {min(row['profileIds'])}"
    devices = {f"{device_node(device):016x}": device for device in DEVICES}
    return f"device {devices[row['visitorId']]}"


def same_people(project: Project, oracle: Oracle, limit: int) -> None:
    start, end = oracle.days()
    wanted = explorers.people(oracle, start, end)
    silent = explorers.spoken_of(oracle, start, end) - set(wanted) if not oracle.filters else set()
    for sort, place in (("lastSeen", "last"), ("firstSeen", "first"), ("events", "events")):
        rows = project.pages("profiles", limit=limit, sort=sort, **whole(oracle))
        found = {person_of(row): row for row in rows}
        check(f"people by {sort}", sorted(found), sorted({*wanted, *silent}))
        check(f"each once by {sort}", len(rows), len(found))
        order = [getattr(wanted[who], place) if who in wanted else 0 for who in found]
        check(f"order by {sort}", order, sorted(order, reverse=True))
    for who, row in found.items():
        numbers = {name: row[name] for name in ("events", "screenViews", "sessions", "devices")}
        expected = wanted.get(who, explorers.Row(0, 0, 0, 0, 0, 0))
        check(
            f"numbers of {who}",
            numbers,
            dict(
                zip(
                    numbers,
                    (expected.events, expected.views, expected.sessions, expected.devices),
                    strict=True,
                )
            ),
        )
        if row["identified"]:
            properties = explorers.properties_of(oracle, row["profileIds"][0])
            check(f"properties of {who}", row["properties"], properties)
    for flag in ("true", "false"):
        rows = project.pages("profiles", limit=limit, identified=flag, **whole(oracle))
        some = {who for who in found if who.startswith("profile") == (flag == "true")}
        check(f"identified={flag}", {person_of(row) for row in rows}, some)


def same_person(project: Project, oracle: Oracle) -> None:
    """By each of its ids; what it did in all, in order; where it came from."""
    start, end = oracle.days()
    span = {"startDate": str(start), "endDate": str(end)}
    used = {event.sent.device for event in oracle.everything}
    ids = [(profile, oracle.people.of_profile(profile)) for profile in explorers.known_profiles(oracle)]
    ids += [(device, oracle.people.of_device(device)) for device in DEVICES if device in used]
    visitors: dict[str, str] = {}
    for name, person in ids:
        found = project.ask(f"profiles/{name}")
        check(f"person of {name}", person_of(found), person)
        check(f"visitor of {name}", visitors.setdefault(person, found["visitorId"]), found["visitorId"])
        done = explorers.of_person(oracle, person)
        check(f"events of {name}", found["events"], len(done))
        in_sessions = [event for event in done if event.session is not None]
        check(f"sessions of {name}", found["sessions"], len({id(event.session) for event in in_sessions}))
        if in_sessions:
            ends = [found[touch]["utm"]["source"] for touch in ("firstTouch", "lastTouch")]
            check(f"touches of {name}", ends, [source_of(in_sessions[index]) or None for index in (0, -1)])
        rows = project.pages(f"profiles/{name}/events", limit=3, order="asc", **span)
        check(f"timeline of {name}", [row["id"] for row in rows], [event.sent.id for event in done])
        rows = project.ask(f"profiles/{name}/sessions", **span)
        check(f"sessions of {name}", len(rows), found["sessions"])
    check("people", len(set(visitors.values())), len(visitors))


def same_sessions(project: Project, oracle: Oracle, limit: int) -> None:
    rows = project.pages("sessions", limit=limit, **whole(oracle))
    _, sessions = oracle.select(*oracle.days())
    found = [{**row, "source": row["utm"]["source"]} for row in rows]
    wanted = [explorers.session_row(oracle, session) for session in sessions]
    some = [{name: row[name] for name in explorers.SESSION} for row in found]
    check("sessions", sorted(map(repr, some)), sorted(map(repr, wanted)))
    for row in rows[:3]:
        seen = [event["id"] for event in project.ask(f"sessions/{row['id']}")["timeline"]]
        of = next(
            session for session in sessions if seen[0] in {event.sent.id for event in session.all_events}
        )
        inside = sorted(of.all_events, key=lambda event: event.order)
        check("events of a session", seen, [event.sent.id for event in inside])


def same_picks(project: Project, oracle: Oracle) -> None:
    events, _ = oracle.select(*oracle.days())
    rows = project.ask("events/names", **whole(oracle))
    check(
        "names", {row["name"]: row["count"] for row in rows}, explorers.counted(e.sent.name for e in events)
    )
    for name in ("path", "properties.plan", "group"):
        rows = project.ask("property-values", name=name, **whole(oracle))
        found = {_text(row["value"]): row["count"] for row in rows}
        wanted = explorers.counted(text for event in events for text in texts_of(name, event))
        check(f"values of {name}", found, wanted)
    keys = {row["key"][0] for row in project.ask("properties", **whole(oracle)) if len(row["key"]) == 1}
    check("keys", keys, {key for event in events for key in event.sent.properties or {}})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def same_exports(project: Project, oracle: Oracle) -> None:
    for kind in ("events", "sessions"):
        wanted = project.pages(kind, limit=100, order="asc", **whole(oracle))
        for form in ("json", "ndjson"):
            answer = project.get(f"export/{kind}.{form}", **whole(oracle))
            rows = answer.json() if form == "json" else [json.loads(line) for line in answer.iter_lines()]
            check(f"{kind}.{form}", rows, wanted)


@given(stream=streams() | streams("named") | streams("server"), limit=st.integers(1, 5))
@FEWER
def test_explorers(make_project, stream, limit):
    project, oracle = sent(make_project, stream)
    same_people(project, oracle, limit)
    same_sessions(project, oracle, limit)
    same_picks(project, oracle)
    same_exports(project, oracle)


@given(stream=streams("profiles") | streams("server"))
@FEWER
def test_people(make_project, stream):
    project, oracle = sent(make_project, stream)
    same_person(project, oracle)


@given(stream=streams("server") | streams("groups"), condition=conditions, limit=st.integers(1, 5))
@FEWER
def test_filtered(make_project, stream, condition, limit):
    project, oracle = sent(make_project, stream)
    oracle.filters, oracle.keep = condition, partial(holds, condition)
    same_people(project, oracle, limit)
    same_sessions(project, oracle, limit)
    same_picks(project, oracle)
    same_exports(project, oracle)
