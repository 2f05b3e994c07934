import csv
import io
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eventlens.insights import export
from eventlens.insights.explorer import Listing, events
from eventlens.insights.export import text_pages, write_parquet
from eventlens.insights.filters import Test
from eventlens.insights.sessions_explorer import sessions
from tests.insights.world import World, ms

_numbers = itertools.count(1)
NASTY = ("", "plain", 'say "hi"', "a,b", "two\nlines", "\\/", "é😀", "\t", "=1+1", "'", "{x:String}", "\x7f")
TEXT = st.sampled_from(NASTY)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.integers(0, 3),
            "when": st.integers(0, 4000).map(lambda minutes: ms("2026-03-27T00:00") + minutes * 60_001),
            "path": TEXT,
            "title": TEXT,
            "utm_source": TEXT,
            "country": st.sampled_from(("", "DE")),
            "groups": st.lists(TEXT.filter(bool), max_size=2),
            "revenue": st.none() | st.integers(-5, 10**12),
            "currency": st.sampled_from(("", "EUR")),
            "properties": st.dictionaries(TEXT, TEXT | st.integers() | st.none(), max_size=2).map(json.dumps),
        }
    ),
    max_size=8,
)


def shown(rows: Any) -> list[dict[str, Any]]:
    return msgspec.json.decode(msgspec.json.encode(rows))


def asked(world: World, kind: str, form: str, **question: Any) -> bytes:
    whole = world.ask("2026-03-01", "2026-04-30", **question)
    return b"".join(text_pages(world.store, whole, kind, form))  # pyright: ignore[reportArgumentType]  # words of a test


def listed(world: World, kind: str, **question: Any) -> list[dict[str, Any]]:
    whole = replace(world.ask("2026-03-01", "2026-04-30", **question), limit=1000)
    if kind == "events":
        return shown(events(world.store, whole, None, Listing("asc")).rows)
    return shown(sessions(world.store, whole, order="asc").rows)


@given(seen=EVENTS, zone=st.sampled_from(("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),  # to shrink takes minutes
)
def test_the_rows_are_the_explorers(world: World, seen: list[dict[str, Any]], zone: str):
    world = World(world.store, f"{world.project}-{next(_numbers)}")
    for each in seen:
        columns = dict(each)
        who, when, path = columns.pop("who"), columns.pop("when"), columns.pop("path")
        world.see(who, when, path or None, session=who, **columns)
    world.is_person("a", "b")
    world.settle()
    for kind in ("events", "sessions"):
        wanted = listed(world, kind, zone=zone)
        assert json.loads(asked(world, kind, "json", zone=zone)) == wanted
        lines = asked(world, kind, "ndjson", zone=zone).decode().split("\n")
        assert lines.pop() == ""
        assert [json.loads(line) for line in lines] == wanted
        flat = [{name: _cell(value) for name, value in _flat(row)} for row in wanted]
        table = csv.DictReader(io.StringIO(asked(world, kind, "csv", zone=zone).decode(), newline=""))
        assert [_unguarded(row) for row in table] == flat


def _flat(row: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in row.items():
        if name == "revenue":
            value = value or {"amount": None, "currency": None}  # noqa: PLW2901  # null as a whole
        if name in ("utm", "revenue"):
            flat += _flat(value, f"{name}.")
        else:
            flat.append((prefix + name, value))
    return flat


def _cell(value: Any) -> Any:
    if value is None or value == []:
        return ""
    if isinstance(value, list | dict):
        return value
    return json.dumps(value) if isinstance(value, bool | float | int) else value


def _unguarded(row: dict[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, text in row.items():
        value: Any = text
        if name in ("properties", "groups") and text:
            value = json.loads(text)
        elif name == "duration":
            value = json.dumps(float(text))
        elif text.startswith("'") and text[1:2] in set("=+-@\t\r\n"):
            value = text[1:]
        read[name] = value
    return read


def test_formulas(world: World):
    for index, text in enumerate(("=1+1", "+1", "-1", "@x", "\tx", "x=1", "'=1", "\uff1d1")):
        world.see("a", f"10:0{index}", "/p", title=text, revenue=-5, properties='{"=a":"=b"}')
    world.settle()

    def titles(**how: bool) -> list[str]:
        text = b"".join(text_pages(world.store, world.ask(), "events", "csv", **how)).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert {(row["revenue.amount"], row["properties"]) for row in rows} == {("-5", '{"=a":"=b"}')}
        return [row["title"] for row in rows]

    assert titles() == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "x=1", "'=1", "'\uff1d1"]
    assert titles(guard=False) == ["=1+1", "+1", "-1", "@x", "\tx", "x=1", "'=1", "\uff1d1"]


@pytest.mark.parametrize("first", [1, 2, 3])
def test_pages_with_many_events_of_one_instant(world: World, monkeypatch: pytest.MonkeyPatch, first: int):
    monkeypatch.setattr(export, "_FIRST_ROWS", first)
    monkeypatch.setattr(export, "_MOST_ROWS", 4)
    for index in range(23):
        world.see(index + 1, ("10:00", "10:00", "13:00")[index % 3], "/p", id=f"{index:02}")
    world.settle()
    wanted = [row["id"] for row in listed(world, "events")]
    assert len(wanted) == 23
    assert [row["id"] for row in json.loads(asked(world, "events", "json"))] == wanted
    assert len(json.loads(asked(world, "sessions", "json"))) == 23


def test_what_arrives_meanwhile_is_not_in_it(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "_FIRST_ROWS", 2)
    monkeypatch.setattr(export, "_MOST_ROWS", 2)
    for index in range(6):
        world.see("a", f"10:0{index}", "/p", id=str(index))
    pages = text_pages(world.settle().store, world.ask(), "events", "ndjson")
    lines = [next(pages), next(pages)]
    world.see("b", "10:05:30", "/p", id="late")
    world.settle()
    lines += pages
    assert [json.loads(line)["id"] for line in b"".join(lines).splitlines()] == list("012345")


def test_a_filter_and_an_empty_export(world: World):
    world.see("a", "10:00", "/p", country="DE")
    world.see("b", "10:00", "/p", country="AT")
    world.settle()
    only = {"condition": Test("country", "is", ("AT",))}
    assert [row["country"] for row in json.loads(asked(world, "events", "json", **only))] == ["AT"]
    assert len(json.loads(asked(world, "sessions", "json", **only))) == 1
    none = {"condition": Test("country", "is", ("FR",))}
    assert json.loads(asked(world, "events", "json", **none)) == []
    assert asked(world, "events", "ndjson", **none) == b""
    assert asked(world, "events", "csv", **none).count(b"\n") == 1


@pytest.mark.parametrize("identified", [True, False])
def test_parquet(world: World, tmp_path: Path, identified: bool):
    world.see("a", "10:00", "/p", groups=["g"], revenue=5, currency="EUR", utm_source="news", id="1")
    world.see("b", "10:00", id="2")
    if identified:
        world.is_person("a", "b")
    world.settle()
    for kind in ("events", "sessions"):
        path = tmp_path / f"it's {kind}.parquet"
        write_parquet(world.store, world.ask(identified=identified), kind, path)
        data = path.read_bytes()
        assert (data[:4], data[-4:]) == (b"PAR1", b"PAR1")
        rows = _read(path)
        wanted = listed(world, kind, identified=identified)
        names = [name for name, _ in _flat(wanted[0])]
        found = {row["id"]: row for row in rows}
        for row in wanted:
            flat = dict(_flat(row))
            for name in names:
                if name not in ("timestamp", "startedAt", "endedAt", "properties"):
                    assert _place(found[row["id"]], name) == flat[name], name


def _place(row: dict[str, Any], name: str) -> Any:
    value: Any = row
    for key in name.split("."):
        value = value[key]
    return value


def _read(path: Path) -> list[dict[str, Any]]:
    """Whatever engine wrote it, the embedded one reads it: in a process of its own."""
    program = (
        "import sys, chdb; q = f\"SELECT * FROM file('{sys.argv[1]}', 'Parquet')\"; "
        "print(chdb.query(q, 'JSONEachRow'))"
    )
    link = path.with_name("read.parquet")
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    done = subprocess.run(
        [sys.executable, "-c", program, str(link)], capture_output=True, text=True, check=True, timeout=60
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line]
