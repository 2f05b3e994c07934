"""Explorers, pickers and exports over HTTP: what is refused, and how files come."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from eventlens.api.insights import export as export_routes
from eventlens.errors import QueryLimit
from eventlens.insights.export_text import guarded
from tests.support.inprocess import InProcess
from tests.support.project import Project, track, view

MARCH = {"startDate": "2026-03-01", "endDate": "2026-03-31"}


@pytest.fixture(scope="module")
def shop(inside: InProcess) -> Project:
    project = inside.project("Shop", timezone="Europe/Berlin")
    project.send([view("a", "2026-03-10T10:00:00Z", f"/{number}") for number in range(5)])
    project.send([track("buy", "b", "2026-03-11T10:00:00Z", properties={"plan": "pro", "n": 1})])
    project.settle()
    return project


REFUSED = [
    ("events", {"cursor": "x"}, "cursor"),
    ("events", {"order": "up"}, "order"),
    ("events", {"include": "session_start,nonsense"}, "include"),
    ("events", {"limit": "0"}, "limit"),
    ("events", {"limit": "10001"}, "limit"),
    ("events", {"offset": "1"}, "offset"),
    ("events", {"compare": "previous"}, "compare"),
    ("sessions", {"cursor": "MS4y"}, "cursor"),
    ("sessions", {"order": ""}, "order"),
    ("sessions/none", {"range": "7d"}, "range"),
    ("profiles", {"sort": "name"}, "sort"),
    ("profiles", {"identified": "yes"}, "identified"),
    ("profiles", {"search": "x" * 201}, "search"),
    ("profiles", {"limit": "1001"}, "limit"),
    ("profiles", {"cursor": "MS4yLjM"}, "cursor"),
    ("profiles/none/events", {"cursor": "!"}, "cursor"),
    ("events/names", {"search": "x" * 201}, "search"),
    ("properties", {"of": "groups"}, "of"),
    ("properties", {"of": "profile", "event": "buy"}, "event"),
    ("property-values", {}, "name"),
    ("property-values", {"name": "nope"}, "name"),
    ("property-values", {"name": "properties."}, "name"),
    ("property-values", {"name": "profile.plan", "event": "buy"}, "event"),
    ("property-values", {"name": "path", "match": "regex"}, "match"),
    ("export/events.csv", {"formulas": "run"}, "formulas"),
    ("export/events.json", {"formulas": "keep"}, "formulas"),
    ("export/events.json", {"limit": "5"}, "limit"),
    ("export/sessions.parquet", {"range": "whenever"}, "range"),
    ("export/events.ndjson", {"filters": "[{}]"}, "filters/0/name"),
]


@pytest.mark.parametrize(("question", "parameters", "field"), REFUSED)
def test_what_is_wrong_is_named(shop: Project, question: str, parameters: dict[str, str], field: str):
    answer = shop.get(question, **parameters)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


def test_a_cursor_is_good_in_its_own_list_alone(shop: Project):
    cursors = {
        question: shop.get(question, limit=1, **MARCH).json()["meta"]["next_cursor"]
        for question in ("events", "sessions", "profiles")
    }
    assert all(cursors.values())
    for question in cursors:
        for of, cursor in cursors.items():
            status = shop.get(question, limit=1, cursor=cursor, **MARCH).status_code
            assert status == (200 if of == question else 400), (question, of)
    for question, cursor in cursors.items():
        assert shop.get(question, cursor=cursor, order="asc", **MARCH).status_code == 400


def test_what_is_asked_by_its_id_is_of_all_of_time(shop: Project):
    (row,) = shop.get("events", limit=1, **MARCH).json()["data"]
    for path in (f"events/{row['id']}", f"sessions/{row['sessionId']}", f"profiles/{row['visitorId']}"):
        meta = shop.get(path, timezone="Asia/Tokyo").json()["meta"]
        assert (meta["projectId"], meta["timezone"], meta["exact"]) == (shop.id, "Asia/Tokyo", True)
        assert meta["from"] == "1970-01-01T09:00:00+09:00"
        assert meta["to"] > row["timestamp"]


def test_unknown_formats_are_no_routes(shop: Project):
    for name in ("events.xml", "profiles.parquet", "events"):
        assert shop.get(f"export/{name}").status_code == 404


MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


@pytest.mark.parametrize("kind", ["events", "sessions"])
@pytest.mark.parametrize("form", MEDIA)
def test_files(shop: Project, kind: str, form: str):
    answer = shop.get(f"export/{kind}.{form}", **MARCH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA[form]
    name = f"{kind}-2026-03-01-2026-03-31.{form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    wanted = shop.ask(kind, order="asc", **MARCH)
    if form == "json":
        assert answer.json() == wanted
    elif form == "ndjson":
        assert [json.loads(line) for line in answer.text.splitlines()] == wanted
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        # A session's id may begin with a sign that a spreadsheet would take for a formula's.
        assert [row["id"] for row in rows] == [guarded(row["id"]) for row in wanted]
    else:
        assert (answer.content[:4], answer.content[-4:]) == (b"PAR1", b"PAR1")


def test_files_of_people(shop: Project):
    """Those of the list, first seen first."""
    shop.post("/identify", {"profileId": "=cmd", "firstName": "+1", "properties": {"plan": "pro"}})
    shop.settle()
    span = {"range": "all"}
    wanted = shop.ask("profiles", sort="firstSeen", order="asc", **span)
    assert len(wanted) == 3
    assert shop.get("export/profiles.json", **span).json() == wanted
    lines = shop.get("export/profiles.ndjson", **span).text.splitlines()
    assert [json.loads(line) for line in lines] == wanted
    answer = shop.get("export/profiles.csv", **span)
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert list(rows[0]) == list(wanted[0])
    (named,) = (row for row in rows if row["identified"] == "true")
    assert (named["id"], named["firstName"], named["events"]) == ("'=cmd", "'+1", "0")
    assert json.loads(named["properties"]) == {"plan": "pro"}
    kept = shop.get("export/profiles.csv", formulas="keep", **span).text
    assert "\n=cmd," in kept
    filters = '[{"name":"name","operator":"is","value":["nothing"]}]'
    assert shop.get("export/profiles.json", filters=filters, **span).json() == []


def test_what_fails_at_once_has_a_status(shop: Project, monkeypatch: pytest.MonkeyPatch):
    def failing(*_: Any, **__: Any) -> Iterator[bytes]:
        raise QueryLimit("Too large.")
        yield b""

    monkeypatch.setattr(export_routes, "text_pages", failing)
    answer = shop.get("export/events.csv", **MARCH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "query_limit")
    assert "retry-after" in answer.headers


def test_what_fails_in_the_middle_does_not_look_whole(shop: Project, monkeypatch: pytest.MonkeyPatch):
    def failing(*_: Any, **__: Any) -> Iterator[bytes]:
        yield b"head\n"
        yield b"row\n"
        raise QueryLimit("Too large.")

    monkeypatch.setattr(export_routes, "text_pages", failing)
    with pytest.raises(QueryLimit):  # the server above breaks the transfer off
        shop.get("export/events.csv", **MARCH)


def test_no_more_exports_at_once_than_stated(shop: Project, monkeypatch: pytest.MonkeyPatch):
    places = export_routes.Places(1)
    monkeypatch.setattr(export_routes, "EXPORTS", places)
    with asyncio.Runner() as runner:
        holding = runner.run(_held(places))
        refused = shop.get("export/events.csv", **MARCH)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        runner.run(holding.aclose())
    assert shop.get("export/events.csv", **MARCH).status_code == 200
    assert shop.get("export/events.csv", **MARCH).status_code == 200


async def _held(places: export_routes.Places) -> AsyncGenerator[None]:
    async def hold() -> AsyncGenerator[None]:
        async with places.place():
            yield

    held = hold()
    await anext(held)
    return held
