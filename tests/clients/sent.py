"""What a client sent, as the events explorer has to show it."""

import json
import time
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

from tests.support.project import Project

Row = dict[str, Any]

KEPT = {"__version", "__buildNumber"}
"""Special properties that stay properties."""


def accepted(sent: Iterable[dict[str, Any]], kind: str = "track") -> list[dict[str, Any]]:
    """Payloads of a type that the server took, in the order in which they were sent."""
    return [
        request["body"]["payload"]
        for request in sent
        if request["body"] and request["body"]["type"] == kind and request.get("status") == 200
    ]


def as_stored(payload: dict[str, Any]) -> Row:
    """The parts of an event row that follow from a track payload alone."""
    properties = payload.get("properties") or {}
    amount = properties.get("__revenue") if payload["name"] == "revenue" else None
    profile = payload.get("profileId")
    return {
        "name": payload["name"],
        "profileId": None if profile is None else str(profile),
        "title": properties.get("__title") or None,
        **page_of(properties.get("__path") or ""),
        "properties": {
            name: value for name, value in properties.items() if not name.startswith("__") or name in KEPT
        },
        "revenue": None if amount is None else {"amount": amount, "currency": properties.get("currency")},
    }


def page_of(address: str) -> dict[str, str | None]:
    """A page's address in the four parts of a row."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
    path = parts.path or ("/" if origin else None)
    return {"origin": origin, "path": path, "query": parts.query or None, "hash": parts.fragment or None}


def shown(row: Row, expected: Row) -> Row:
    """The fields of a row that `expected` speaks of."""
    return {name: row[name] for name in expected}


def in_order(rows: Iterable[Row]) -> list[str]:
    """Rows as sorted texts: two lists of rows are equal whatever their order."""
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)


def assert_stored_as_sent(
    sent: Iterable[dict[str, Any]], rows: list[Row], once: Collection[str] = ()
) -> None:
    """Each accepted event is there once, property by property, and there is no other.

    Events named in `once` were sent twice at the same moment, byte by byte alike.
    """
    payloads = accepted(sent)
    twins = [payload for payload in payloads if payload["name"] in once]
    for twin in twins[::2]:
        assert twins.count(twin) == 2
        payloads.remove(twin)
    expected = [as_stored(payload) for payload in payloads]
    assert expected
    found = [shown(row, expected[0]) for row in rows]
    assert in_order(found) == in_order(expected)


def await_events(project: Project, number: int, seconds: float = 15) -> list[Row]:
    """The project's events, oldest first, once there are `number`; fails when there are more."""
    deadline = time.monotonic() + seconds
    while len(rows := project.events(range="all")) < number and time.monotonic() < deadline:
        time.sleep(0.05)
    project.settle()
    rows = project.events(range="all")
    assert len(rows) == number, [row["name"] for row in rows]
    return rows[::-1]


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows of different names by them."""
    found: dict[str, Row] = {}
    for row in rows:
        assert row["name"] not in found, row["name"]
        found[row["name"]] = row
    return found
