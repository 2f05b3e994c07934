"""Cohorts and segments over HTTP: kept, asked for, named by filters everywhere."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.inprocess import InProcess
from tests.support.project import Project

BOUGHT = [{"did": {"name": "buy"}}]


def member(cohort: str, operator: str = "is") -> dict[str, Any]:
    return {"name": "cohort", "operator": operator, "value": [cohort]}


class Keeper:
    """A project's cohorts and segments."""

    def __init__(self, inside: InProcess, project: Project) -> None:
        self.http = inside.http
        self.project = project
        self.saved = inside.runtime.services.management.saved
        self.paths = {
            "cohort": f"/insights/{project.id}/cohorts",
            "segment": f"/manage/projects/{project.id}/segments",
        }

    def ask(self, method: str, kind: str, rest: str = "", body: Any = None) -> httpx.Response:
        headers = self.project.root.headers
        return self.http.request(method, self.paths[kind] + rest, json=body, headers=headers)

    def data(self, method: str, kind: str, rest: str = "", body: Any = None) -> Any:
        answer = self.ask(method, kind, rest, body)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def keep(self, kind: str, filters: Any, name: str = "A") -> str:
        return self.data("POST", kind, "", {"name": name, "filters": filters})["id"]

    def refused(self, method: str, kind: str, rest: str = "", body: Any = None) -> tuple[int, str, str]:
        answer = self.ask(method, kind, rest, body)
        error = answer.json()["error"]
        return answer.status_code, error.get("field", ""), error["message"]


@pytest.fixture
def keeper(inside: InProcess) -> Keeper:
    return Keeper(inside, inside.project("Shop"))


@pytest.fixture
def shop(keeper: Keeper) -> Keeper:
    """Ann bought and identified herself afterwards, Ben only looked; Cy is known and did nothing."""
    project = keeper.project
    for device, name in (("ann", "view"), ("ann", "buy"), ("ben", "view"), ("ann-2", "view")):
        project.track(name, deviceId=device)
    for device in ("ann", "ann-2"):
        project.post("/identify", {"profileId": "Ann", "deviceId": device, "properties": {"plan": "pro"}})
    project.post("/identify", {"profileId": "Cy", "properties": {"plan": "pro"}})
    project.settle()
    return keeper


@pytest.mark.parametrize("kind", ["cohort", "segment"])
def test_kept_shown_changed_and_forgotten(keeper: Keeper, kind: str):
    assert keeper.data("GET", kind) == []
    made = keeper.data("POST", kind, "", {"name": " Buyers ", "filters": BOUGHT})
    assert set(made) == {"id", "name", "filters", "created_at", "updated_at"}
    assert (made["name"], made["filters"]) == ("Buyers", BOUGHT)
    second = keeper.data("POST", kind, "", {"name": "B", "filters": {"or": BOUGHT}})
    assert keeper.data("GET", kind) == [made, second]
    shown = keeper.data("GET", kind, f"/{made['id']}")
    assert shown == (made | {"size": 0} if kind == "cohort" else made)
    changed = keeper.data("PATCH", kind, f"/{made['id']}", {"name": "C"})
    assert changed == made | {"name": "C", "updated_at": changed["updated_at"]}
    changed = keeper.data("PATCH", kind, f"/{made['id']}", {"filters": {"not": BOUGHT[0]}})
    assert (changed["name"], changed["filters"]) == ("C", {"not": BOUGHT[0]})
    assert keeper.data("DELETE", kind, f"/{made['id']}") == changed
    assert keeper.data("GET", kind) == [second]
    assert keeper.ask("GET", kind, f"/{made['id']}").status_code == 404


def test_who_is_in_a_cohort(shop: Keeper):
    sizes: dict[str, int] = {}
    plan = {"name": "profile.plan", "operator": "is", "value": ["pro"]}
    for name, filters in {
        "bought": BOUGHT,
        "not": [{"didNot": {"name": "buy"}}],
        "pro": [plan],
        "pro and not bought": [plan, {"not": BOUGHT[0]}],
        "either": {"or": [plan, {"did": {"name": "view", "count": {"operator": "is", "value": 1}}}]},
    }.items():
        sizes[name] = shop.data("GET", "cohort", f"/{shop.keep('cohort', filters)}")["size"]
    assert sizes == {"bought": 1, "not": 2, "pro": 2, "pro and not bought": 1, "either": 3}


def test_people_page_by_page(shop: Keeper):
    everybody = shop.keep("cohort", [{"did": {"name": "view"}}])
    whole = shop.ask("GET", "cohort", f"/{everybody}/people").json()
    assert whole["meta"].pop("to") > "2026"
    assert whole["meta"] == {
        "projectId": shop.project.id,
        "from": "1970-01-01T00:00:00+00:00",
        "timezone": "UTC",
        "exact": True,
        "next_cursor": None,
    }
    rows = whole["data"]
    assert [row["visitorId"] for row in rows] == sorted(row["visitorId"] for row in rows)
    assert sorted((row["profileIds"], row["events"]) for row in rows) == [([], 1), (["Ann"], 3)]
    paged: list[Any] = []
    cursor = ""
    while cursor is not None:
        asked = f"/{everybody}/people?limit=1" + (f"&cursor={cursor}" if cursor else "")
        page = shop.ask("GET", "cohort", asked).json()
        paged += page["data"]
        cursor = page["meta"]["next_cursor"]
    assert paged == rows
    silent = shop.keep("cohort", [{"didNot": {"name": "view"}}])
    (cy,) = shop.ask("GET", "cohort", f"/{silent}/people").json()["data"]
    assert (cy["profileIds"], cy["events"], cy["firstSeen"], cy["lastSeen"]) == (["Cy"], 0, None, None)
    assert shop.refused("GET", "cohort", f"/{everybody}/people?cursor=x")[:2] == (400, "cursor")
    assert shop.refused("GET", "cohort", f"/{everybody}/people?limit=0")[:2] == (400, "limit")
    assert shop.refused("GET", "cohort", f"/{everybody}/people?filters=[]")[:2] == (400, "filters")
    assert shop.refused("GET", "cohort", f"/{uuid4()}/people")[0] == 404


def numbers(keeper: Keeper, *filters: Any) -> tuple[int, int]:
    """Visitors and events of the default range."""
    found = keeper.project.metrics(filters=json.dumps(filters))
    return found["unique_visitors"], found["total_events"]


def test_cohorts_and_segments_as_filters(shop: Keeper):
    bought = shop.keep("cohort", BOUGHT)
    viewed = shop.keep("segment", [{"name": "name", "operator": "is", "value": ["view"]}])
    buyers = shop.keep("segment", [member(bought)])
    views = {"name": "segment", "operator": "is", "value": [viewed]}
    assert numbers(shop, member(bought)) == (1, 3)
    assert numbers(shop, member(bought, "isNot")) == (1, 1)
    assert numbers(shop, views) == (2, 3)
    assert numbers(shop, {**views, "operator": "isNot"}) == (1, 1)
    assert numbers(shop, views, member(bought)) == (1, 2)
    assert numbers(shop, {"name": "segment", "operator": "is", "value": [viewed, buyers]}) == (2, 4)
    nested = shop.keep("cohort", [member(bought, "isNot")])
    assert numbers(shop, member(nested)) == (1, 1)
    assert shop.data("GET", "cohort", f"/{nested}")["size"] == 2


def test_a_changed_definition_holds_for_the_next_question(shop: Keeper):
    bought = shop.keep("cohort", BOUGHT)
    assert numbers(shop, member(bought)) == (1, 3)
    shop.data("PATCH", "cohort", f"/{bought}", {"filters": [{"didNot": {"name": "buy"}}]})
    assert numbers(shop, member(bought)) == (1, 1)


def rows(keeper: Keeper, dimension: str) -> dict[Any, tuple[int, int]]:
    """Value → visitors and events of the default range."""
    found = keeper.project.ask(
        "breakdown", dimension=dimension, metrics="unique_visitors,total_sessions,total_events"
    )
    return {row["values"][0]: (row["unique_visitors"], row["total_events"]) for row in found}


def test_answers_are_split_by_cohorts(shop: Keeper):
    assert rows(shop, "cohort") == {None: (2, 4)}
    bought, viewed = shop.keep("cohort", BOUGHT), shop.keep("cohort", [{"did": {"name": "view"}}])
    assert rows(shop, "cohort") == {bought: (1, 3), viewed: (2, 4)}
    shop.data("DELETE", "cohort", f"/{viewed}")
    assert rows(shop, "cohort") == {bought: (1, 3), None: (1, 1)}
    (both,) = shop.project.ask(
        "breakdown", dimension="cohort,name", metrics="total_events", filters=json.dumps(BOUGHT), limit=1
    )
    assert both == {"values": [bought, "view"], "total_events": 2}
    for _ in range(20):
        shop.keep("cohort", BOUGHT)
    answer = shop.project.get("breakdown", dimension="cohort")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "dimension")


def test_answers_are_split_by_what_profiles_say(shop: Keeper):
    assert rows(shop, "profile.plan") == {"pro": (1, 3), None: (1, 1)}
    shop.project.post("/identify", {"profileId": "Ann", "properties": {"plan": {"name": "x", "seats": 3}}})
    shop.project.settle()
    assert rows(shop, "profile.plan") == {None: (2, 4)}
    assert rows(shop, "profile.plan.seats") == {3: (1, 3), None: (1, 1)}
    assert rows(shop, 'profile.["plan","name"]') == {"x": (1, 3), None: (1, 1)}
    for name in ("profile.", "profile.[]", "cohorts"):
        answer = shop.project.get("breakdown", dimension=name)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "dimension"), name


@pytest.mark.parametrize(
    "route",
    [
        "metrics", "timeseries", "pages", "referrers", "devices", "geo", "live", "breakdown?dimension=city",
        "events", "sessions", "profiles", "retention?period=day", "paths", "revenue", "attribution?event=buy",
        "export/events.ndjson", "events/names", "properties",
    ],
)  # fmt: skip  # one screen
def test_every_route_takes_every_kind_of_filter(shop: Keeper, route: str):
    cohort = shop.keep("cohort", [*BOUGHT, {"name": "profile.plan", "operator": "is", "value": ["pro"]}])
    segment = shop.keep("segment", [{"name": "name", "operator": "is", "value": ["view"]}])
    named = {"name": "segment", "operator": "is", "value": [segment]}
    filters = [
        member(cohort),
        named,
        {"didNot": {"name": "refund", "days": 30}},
        {"not": {"did": {"name": "x"}}},
    ]
    path, _, more = route.partition("?")
    parameters = dict(each.split("=") for each in more.split("&") if each)
    answer = shop.project.get(path, filters=json.dumps(filters), **parameters)
    assert answer.status_code == 200, answer.text
    unknown = json.dumps([member(str(uuid4()))])
    answer = shop.project.get(path, filters=unknown, **parameters)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "filters/0/value/0")


def funnel(keeper: Keeper, filters: Any, **asked: Any) -> httpx.Response:
    body = {"steps": [{"name": "view"}, {"name": "buy", "filters": filters}], **asked}
    url = f"/insights/{keeper.project.id}/funnel"
    return keeper.http.post(url, json=body, headers=keeper.project.read.headers)


def test_steps_name_cohorts_as_they_are_now(shop: Keeper):
    bought = shop.keep("cohort", BOUGHT)
    for _ in range(2):
        found = funnel(shop, [member(bought)]).json()["data"]["steps"]
        assert [step["count"] for step in found] == [2, 1]
    shop.data("PATCH", "cohort", f"/{bought}", {"filters": [{"didNot": {"name": "buy"}}]})
    found = funnel(shop, [member(bought)]).json()["data"]["steps"]
    assert [step["count"] for step in found] == [2, 0]
    answer = funnel(shop, [member(str(uuid4()))])
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "steps/1/filters/0/value/0")
    for dimension in ("cohort", "profile.plan"):
        assert funnel(shop, [], breakdown=dimension).status_code == 200, dimension


def test_nothing_may_refer_to_itself(keeper: Keeper):
    first = keeper.keep("cohort", BOUGHT)
    second = keeper.keep("cohort", [member(first)])
    segment = keeper.keep("segment", [member(second)])
    for filters in (
        [member(first)],
        [{"not": member(second)}],
        [{"did": {"filters": [{"name": "segment", "operator": "is", "value": [segment]}]}}],
    ):
        status, field, message = keeper.refused("PATCH", "cohort", f"/{first}", {"filters": filters})
        assert (status, field.partition("/")[0]) == (400, "filters")
        assert "refer to itself" in message
    assert keeper.data("GET", "cohort", f"/{first}")["filters"] == BOUGHT


def test_references_are_not_too_deep(keeper: Keeper):
    chain = [keeper.keep("cohort", BOUGHT)]
    for _ in range(4):
        chain.append(keeper.keep("cohort", [member(chain[-1])]))
    assert numbers(keeper, member(chain[-1])) == (0, 0)
    body = {"name": "A", "filters": [member(chain[-1])]}
    chain.append(keeper.keep("cohort", body["filters"]))
    status, field, message = keeper.refused("POST", "cohort", "", {**body, "filters": [member(chain[-1])]})
    assert (status, field) == (400, "filters/0/value/0")
    assert "5 deep" in message
    other = keeper.keep("cohort", BOUGHT)
    status, _, message = keeper.refused("PATCH", "cohort", f"/{chain[0]}", {"filters": [member(other)]})
    assert status == 409
    assert "could no longer be asked" in message


def test_what_is_used_stays(keeper: Keeper):
    used = keeper.keep("cohort", BOUGHT, "Used")
    for kind in ("cohort", "segment"):
        keeper.keep(kind, [{"not": member(used)}], f"By {kind}")
    goal = {"name": "Goal", "event": "buy", "filters": [member(used)]}
    keeper.saved.create(keeper.project.id, "goal", "By goal", goal)
    status, _, message = keeper.refused("DELETE", "cohort", f"/{used}")
    assert status == 409
    assert "cohort 'By cohort', segment 'By segment', goal 'By goal'" in message
    assert keeper.data("GET", "cohort", f"/{used}")["name"] == "Used"


WRONG: list[tuple[str, Any, str]] = [
    ("cohort", None, "filters"),
    ("cohort", [], "filters"),
    ("segment", [], "filters"),
    ("cohort", "did buy", "filters"),
    ("segment", [{"name": "path", "operator": "is", "value": ["x" * 2000] * 20}], "filters"),
    ("cohort", {"name": "country", "operator": "is", "value": ["DE"]}, "filters"),
    ("cohort", [{"name": "country", "operator": "is", "value": ["DE"]}], "filters/0/name"),
    ("cohort", [{"name": "segment", "operator": "is", "value": ["x"]}], "filters/0/name"),
    ("cohort", [{"did": {"range": "question"}}], "filters/0/did/range"),
    ("cohort", [{"did": {"filters": [{"did": {"range": "question"}}]}}], "filters/0/did/filters/0/did/range"),
    ("cohort", [{"name": "cohort", "operator": "is", "value": ["x"]}], "filters/0/value/0"),
    ("cohort", [{"name": "cohort", "operator": "is", "value": [7]}], "filters/0/value/0"),
    ("cohort", [{"name": "cohort", "operator": "contains", "value": ["x"]}], "filters/0/operator"),
    ("segment", [{"name": "segment", "operator": "isNull"}], "filters/0/operator"),
    ("segment", [{"name": "segment", "operator": "is", "value": []}], "filters/0/value"),
    ("cohort", [{"did": "buy"}], "filters/0/did"),
    ("cohort", [{"did": {"event": "buy"}}], "filters/0/did/event"),
    ("cohort", [{"did": {"name": ""}}], "filters/0/did/name"),
    ("cohort", [{"did": {"days": 0}}], "filters/0/did/days"),
    ("cohort", [{"did": {"days": 3661}}], "filters/0/did/days"),
    ("cohort", [{"did": {"days": True}}], "filters/0/did/days"),
    ("cohort", [{"did": {"days": 7, "range": "7d"}}], "filters/0/did"),
    ("cohort", [{"did": {"endDate": "2026-01-01"}}], "filters/0/did"),
    ("cohort", [{"did": {"range": "8d"}}], "filters/0/did/range"),
    ("cohort", [{"did": {"startDate": "soon"}}], "filters/0/did/startDate"),
    ("cohort", [{"did": {"startDate": "2026-01-02", "endDate": "2026-01-01"}}], "filters/0/did/endDate"),
    ("cohort", [{"did": {"startDate": 5}}], "filters/0/did/startDate"),
    ("cohort", [{"did": {"count": 2}}], "filters/0/did/count"),
    ("cohort", [{"did": {"count": {"operator": "gte"}}}], "filters/0/did/count/value"),
    ("cohort", [{"did": {"count": {"operator": "gte", "value": 1.5}}}], "filters/0/did/count/value"),
    ("cohort", [{"did": {"count": {"operator": "gte", "value": -1}}}], "filters/0/did/count/value"),
    ("cohort", [{"did": {"count": {"operator": "contains", "value": 1}}}], "filters/0/did/count/operator"),
    ("cohort", [{"did": {"count": {"value": 1, "x": 1}}}], "filters/0/did/count/x"),
    ("cohort", [{"did": {}, "name": "x"}], "filters/0"),
    ("cohort", [{"not": []}], "filters/0/not"),
    ("cohort", [{"name": "profile.", "operator": "isNull"}], "filters/0/name"),
    ("cohort", [{"name": "profile." + "a." * 8 + "a", "operator": "isNull"}], "filters/0/name"),
    ("cohort", [{"or": [{"did": {}}] * 21}], "filters/0/or/20/did"),
]


@pytest.mark.parametrize(("kind", "filters", "field"), WRONG)
def test_what_cannot_be_kept(keeper: Keeper, kind: str, filters: Any, field: str):
    assert keeper.refused("POST", kind, "", {"name": "A", "filters": filters})[:2] == (400, field)
    made = keeper.keep(kind, BOUGHT)
    assert keeper.refused("PATCH", kind, f"/{made}", {"filters": filters})[:2] == (400, field)
    assert [each["filters"] for each in keeper.data("GET", kind)] == [BOUGHT]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"filters": BOUGHT}, "name"), ({"name": "", "filters": BOUGHT}, "name"), ({"name": "A"}, "filters")],
)
@pytest.mark.parametrize("kind", ["cohort", "segment"])
def test_what_a_body_needs(keeper: Keeper, kind: str, body: Any, field: str):
    assert keeper.refused("POST", kind, "", body)[:2] == (400, field)


def test_another_project_s_are_unknown(inside: InProcess, keeper: Keeper):
    other = Keeper(inside, inside.project("Other"))
    cohort, segment = other.keep("cohort", BOUGHT), other.keep("segment", BOUGHT)
    for rest in ("", "/people"):
        assert keeper.ask("GET", "cohort", f"/{cohort}{rest}").status_code == 404
    for kind, saved in (("cohort", cohort), ("segment", segment)):
        assert keeper.ask("PATCH", kind, f"/{saved}", {"name": "B"}).status_code == 404
        assert keeper.ask("DELETE", kind, f"/{saved}").status_code == 404
        theirs = [{"name": kind, "operator": "is", "value": [saved]}]
        unknown = [{"name": kind, "operator": "is", "value": [str(uuid4())]}]
        found = [keeper.project.get("metrics", filters=json.dumps(filters)) for filters in (theirs, unknown)]
        assert [answer.status_code for answer in found] == [400, 400]
        assert found[0].json()["error"]["field"] == "filters/0/value/0"
    assert len(other.data("GET", "cohort")) == 1
