"""The same data and the same questions: embedded, on a server, on a cluster of two shards.

What was stored by the embedded store is copied to the others row by row, so that only the engine differs;
the application that asks is the same and asks the same catalog.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from eventlens.settings import Settings
from eventlens.store.base import Store
from eventlens.store.connect import open_store
from eventlens.store.migrate import migrate
from eventlens.store.tables import COLUMN_TYPES
from tests.support.clickhouse import library, start_cluster
from tests.support.inprocess import InProcess
from tests.support.project import BROWSER, Project, track, view

pytestmark = pytest.mark.timeout(300)

START = 1_772_323_200.0  # 2026-03-01T00:00:00Z
NOW = int(START + 10 * 86_400) * 1000
ZONE = "Asia/Kathmandu"
PATHS = ("/", "/pricing", "/docs", "/docs/install", "/blog")
AGENTS = (
    BROWSER,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
)
SITE = "https://www.example.com"
STORES = ("embedded", "server", "shards")


def fill(project: Project) -> None:
    """Some days of visitors: late and repeated events, sign-ups, second devices, aliases, groups, sales."""
    chance = random.Random(11)
    for number in range(60):
        agent = {"user-agent": chance.choice(AGENTS)}
        events = visits(chance, f"device-{number}")
        if number % 3 == 0:
            person = f"user-{number // 6}"  # two devices each
            events = [late(each, person) if chance.random() < 0.6 else each for each in events]
            project.post("/identify", {"profileId": person, "properties": {"plan": chance.choice("ab")}})
        if number % 10 == 0:
            project.post("/group", {"id": f"team-{number % 3}", "type": "company", "name": "T"})
        chance.shuffle(events)
        answer = project.post("/track/batch", [*events, *events[:2]], **agent)
        assert answer.json()["rejected"] == [], answer.text
        if number % 7 == 0:
            project.settle()  # so that a part of it comes later, to sessions that are there
    project.post("/alias", {"profileId": "user-1", "alias": "user-2"})
    project.settle()


def late(event: dict[str, Any], profile: str) -> dict[str, Any]:
    return {**event, "payload": {**event["payload"], "profileId": profile}}


def visits(chance: random.Random, device: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = START + chance.random() * 5 * 86_400
    for _ in range(chance.randrange(1, 5)):
        source = chance.choice(("", "", "?utm_source=news&utm_medium=email&utm_campaign=spring", "?gclid=1"))
        referrer = chance.choice(("", "https://www.google.com/", "https://blog.example.net/post"))
        for _ in range(chance.choice((1, 1, 2, 4, 7))):
            path = SITE + chance.choice(PATHS) + source
            event = view(
                device, at, path, referrer=referrer, properties={"__title": f"T{chance.randrange(3)}"}
            )
            if chance.random() < 0.3:
                name = chance.choice(("sign_up", "add_to_cart"))
                properties = {"label": chance.choice("xyz"), "size": chance.randrange(5)}
                event = track(name, device, at, properties=properties, groups=[f"team-{chance.randrange(3)}"])
            elif chance.random() < 0.1:
                sale = {"__revenue": chance.randrange(100, 999), "currency": chance.choice(("EUR", "JPY"))}
                event = track("revenue", device, at, properties=sale)
            found.append({**event, "payload": {**event["payload"], "id": f"{device}-{len(found)}"}})
            source, referrer = "", ""
            at += chance.choice((5, 60, 900, 1799))
        at += chance.choice((1800, 20_000, 90_000, 200_000))
    return found


_IN_NUMBERS = {
    "DateTime('UTC')": "toUnixTimestamp",
    "DateTime64(3, 'UTC')": "toUnixTimestamp64Milli",
    "SimpleAggregateFunction(min, DateTime64(3, 'UTC'))": "toUnixTimestamp64Milli",
}
"""Times are inserted as numbers."""


def copy(source: Store, target: Store) -> None:
    """All rows, in parts that hold neither all versions of a row nor all events of a session."""
    for table, columns in COLUMN_TYPES.items():
        if table == "schema_migrations" or any("AggregateFunction(uniq" in kind for kind in columns.values()):
            continue
        shown = ", ".join(f"{_IN_NUMBERS.get(kind, '')}({name}) AS {name}" for name, kind in columns.items())
        found = source.query(f"SELECT {shown} FROM {table}")  # pyright: ignore[reportArgumentType]  # a table's columns
        for part in range(4):
            rows = found.rows[part::4]
            values = {name: [row[place] for row in rows] for place, name in enumerate(found.columns)}
            target.insert(table, values, f"copy-{table}-{part}")  # pyright: ignore[reportArgumentType]  # the same


@dataclass
class Three:
    """The same project asked through three applications."""

    embedded: Project
    server: Project
    shards: Project


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, clickhouse_node) -> Iterator[Three]:
    folder = tmp_path_factory.mktemp("equivalence")
    catalog = {"DATABASE_URL": f"sqlite:///{folder / 'catalog.db'}"}
    opened: list[Any] = []
    try:
        here = InProcess(folder / "embedded", clock=lambda: NOW, **catalog)
        opened.append(here)
        project = here.project(timezone=ZONE)
        fill(project)
        server = {"CLICKHOUSE_URL": clickhouse_node.create_database("equivalence")}
        fill_server(here.runtime.store, folder, server)
        shards = cluster(here.runtime.store, folder, opened)
        projects = [project]
        for name, where in (("server", server), ("shards", shards)):
            there = InProcess(folder / name, clock=lambda: NOW, **catalog, **where)
            opened.append(there)
            projects.append(Project(there.http, project.id, project.write, project.read, project.root))
        yield Three(*projects)
    finally:
        for each in reversed(opened):
            each.close()


def fill_server(source: Store, folder: Path, where: dict[str, str]) -> None:
    store = open_store(Settings.load({"EVENTLENS_DATA": str(folder), **where}, None))
    migrate(store)
    copy(source, store)
    store.close()


def cluster(source: Store, folder: Path, opened: list[Any]) -> dict[str, str]:
    """Two nodes, filled through one of them; the other one is asked."""
    if library() is None:
        pytest.skip("the ClickHouse library is not installed (tools/clickhouse_node.py install)")
    started = start_cluster(folder)
    opened.append(started)
    where = started.create_database("shards")
    fill_server(source, folder, where)
    started.nodes.reverse()
    return started.settings("shards")


SPAN = {"startDate": "2026-03-01", "endDate": "2026-03-07"}
FILTERS: dict[str, Any] = {
    "none": None,
    "page": [{"name": "path", "operator": "is", "value": ["/pricing"]}],
    "campaign": [{"name": "utm_source", "operator": "is", "value": ["news"]}],
    "not": [{"name": "browser", "operator": "isNot", "value": ["Chrome"]}],
    "property": [{"name": "properties.label", "operator": "is", "value": ["x", "y"]}],
    "profile": [{"name": "profile.plan", "operator": "is", "value": ["a"]}],
    "or": [
        {"or": [
            {"name": "path", "operator": "startsWith", "value": ["/docs"]},
            {"name": "referrer_type", "operator": "is", "value": ["search"]},
        ]}
    ],
}  # fmt: skip

GETS: tuple[tuple[str, dict[str, str]], ...] = (
    ("metrics", {}),
    ("metrics", {"compare": "previous", "exact": "true"}),
    ("timeseries", {"interval": "hour", "endDate": "2026-03-03"}),
    ("timeseries", {"interval": "day", "compare": "previous"}),
    ("pages", {"mode": "top"}),
    ("pages", {"mode": "entry"}),
    ("pages", {"mode": "exit", "compare": "previous"}),
    ("referrers", {"dimension": "referrer_name"}),
    ("referrers", {"dimension": "utm_campaign", "compare": "previous"}),
    ("devices", {"dimension": "browser"}),
    ("geo", {"dimension": "country"}),
    ("breakdown", {"dimension": "name,path", "metrics": "unique_visitors,total_events"}),
    ("breakdown", {"dimension": "properties.label", "metrics": "total_sessions,avg_session_duration"}),
    ("breakdown", {"dimension": "group"}),
    ("breakdown", {"dimension": "currency", "metrics": "revenue"}),
    ("revenue", {"interval": "day", "dimension": "referrer_type"}),
)  # with filters


SINGLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("excluded", {}),
    ("events", {"limit": "40", "include": "session_start,session_end"}),
    ("events", {"limit": "40", "order": "asc"}),
    ("sessions", {"limit": "40"}),
    ("profiles", {"limit": "40"}),
    ("profiles", {"limit": "40", "sort": "events", "identified": "true"}),
    ("profiles/user-1/events", {}),
    ("profiles/user-1/sessions", {}),
    ("events/names", {}),
    ("properties", {}),
    ("property-values", {"name": "properties.label"}),
    ("retention", {"period": "day"}),
    ("retention", {"period": "day", "mode": "on_or_after", "cohort": "first_ever", "breakdown": "browser"}),
    ("retention/people", {"period": "day", "date": "2026-03-01", "index": "0"}),
    ("paths", {"mode": "pages"}),
    ("attribution", {"event": "sign_up"}),
    ("attribution", {"event": "revenue", "model": "first", "dimension": "utm_source"}),
    ("revenue", {"dimension": "currency"}),
    ("goals", {}),
    ("export/events.csv", {}),
    ("export/events.ndjson", {}),
    ("export/sessions.json", {}),
    ("export/profiles.json", {}),
    ("web-vitals", {}),
    ("errors", {}),
    ("scroll-depth", {}),
    ("downloads", {}),
    ("outgoing-links", {}),
    ("not-found", {}),
    ("replays", {}),
)
NONE_THERE = {
    "excluded",
    "goals",
    "web-vitals",
    "errors",
    "downloads",
    "outgoing-links",
    "not-found",
    "replays",
}
"""Questions about what is not in the data: that all say so, in the same way, is compared."""

"""Each as it is."""

WITHOUT_SPAN: tuple[tuple[str, dict[str, str]], ...] = (
    ("live", {}),
    ("groups", {}),
    ("groups/team-0", {}),
    ("profiles/user-1", {}),
    ("cohorts", {}),
    ("reports", {}),
)

STEPS = [{"name": "screen_view"}, {"name": "sign_up"}, {"name": "add_to_cart"}]
POSTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("funnel", {"steps": STEPS}),
    ("funnel", {"steps": STEPS, "order": "strict", "windowSeconds": None}),
    ("funnel", {"steps": STEPS[:2], "order": "any", "by": "session", "breakdown": "browser"}),
    ("funnel", {"steps": STEPS[1:], "by": "group", "exclude": [{"name": "revenue"}]}),
    ("series", {"series": [{"metric": "unique_visitors", "event": "sign_up"}], "interval": "day"}),
    ("series", {"series": [{"metric": "total_events"}], "breakdown": ["path"], "interval": "day"}),
    ("retention", {"period": "day", "startEvent": "sign_up"}),
    ("retention/people", {"period": "day", "date": "2026-03-01", "index": 0}),
    ("funnel/people", {"steps": STEPS, "step": 1}),
)


def same(three: Three, question: str, parameters: dict[str, str]) -> Any:
    """The answer of all three."""
    answers = [each.get(question, **parameters) for each in (three.embedded, three.server, three.shards)]
    return compared(f"{question} {parameters}", answers)


def compared(question: str, answers: list[httpx.Response]) -> Any:
    for name, answer in zip(STORES, answers, strict=True):
        assert answer.status_code == 200, f"{name}: {question}: {answer.text}"
    found = [read(answer) for answer in answers]
    for name, other in zip(STORES, found, strict=True):
        assert other == found[0], f"{name}: {question}"
    return found[0]


def read(answer: httpx.Response) -> Any:
    """JSON where it is JSON; the lines of any other text."""
    json_text = answer.headers["content-type"].startswith("application/json")
    found = answer.json() if json_text else answer.text.splitlines()
    return {"data": found} if isinstance(found, list) else found


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize(("question", "parameters"), GETS)
def test_reports(three: Three, question: str, parameters: dict[str, str], filters: str):
    chosen = FILTERS[filters]
    more = {} if chosen is None else {"filters": json.dumps(chosen)}
    answer = same(three, question, {**SPAN, **parameters, **more})
    assert answer["data"] or filters == "property", (
        f"nothing is compared by {question} {parameters} {filters}"
    )


@pytest.mark.parametrize(("question", "parameters"), SINGLE)
def test_other_questions(three: Three, question: str, parameters: dict[str, str]):
    answer = same(three, question, {**SPAN, **parameters})
    assert answer["data"] or question in NONE_THERE, f"nothing is compared by {question} {parameters}"


@pytest.mark.parametrize(("question", "parameters"), WITHOUT_SPAN)
def test_questions_about_no_span(three: Three, question: str, parameters: dict[str, str]):
    same(three, question, parameters)


@pytest.mark.parametrize(("question", "body"), POSTS)
def test_questions_with_a_body(three: Three, question: str, body: dict[str, Any]):
    answers = [
        each.http.post(f"/insights/{each.id}/{question}", json={**SPAN, **body}, headers=each.read.headers)
        for each in (three.embedded, three.server, three.shards)
    ]
    assert compared(f"{question} {body}", answers)["data"]


@pytest.mark.parametrize("kind", ["events", "sessions"])
def test_a_single_one(three: Three, kind: str):
    first = same(three, kind, {**SPAN, "limit": "1"})["data"][0]["id"]
    assert same(three, f"{kind}/{first}", {})["data"]["id"] == first
