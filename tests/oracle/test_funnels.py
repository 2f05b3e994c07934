"""Random funnels over random streams, through HTTP: every answer against the oracle's."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.conditions import as_text, conditions, text_of
from tests.oracle.door import MakeProject, sent
from tests.oracle.funnels import Asked, by_every_step, by_first_step, funnel, over_time
from tests.oracle.model import VIEW, Oracle
from tests.oracle.streams import Stream, streams
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")


def a_filter(name: str, value: str) -> list[dict[str, Any]]:
    return [{"name": name, "operator": "is", "value": [value]}]


STEPS = (
    {"name": VIEW},
    {"name": VIEW},
    {"name": "click"},
    {"name": "click"},
    {},
    {"name": "charge"},
    {"name": VIEW, "filters": a_filter("path", "/a")},
    {"filters": a_filter("path", "/b")},
    {"name": "click", "filters": a_filter("utm_source", "news")},
)
EXCLUDED = ({"name": VIEW}, {"name": "click"}, {"filters": a_filter("path", "/a")})
WINDOWS = (None, None, 1, 59, 600, 1800, 3600, 86_400, 86_399)
NAMES = ("path", "utm_source", "properties.plan", "group", "title")


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Anything that one may ask, but for the range."""
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
    body: dict[str, Any] = {
        "steps": steps,
        "windowSeconds": draw(st.sampled_from(WINDOWS)),
        "order": draw(st.sampled_from(("ordered", "ordered", "strict", "any"))),
        "by": draw(st.sampled_from(("visitor", "visitor", "session", "group"))),
        "limit": 100,
    }
    if len(steps) > 1 and draw(st.booleans()):
        body["exclude"] = []
        for each in draw(st.lists(st.sampled_from(EXCLUDED), min_size=1, max_size=2)):
            first = draw(st.integers(1, len(steps) - 1))
            last = draw(st.integers(first + 1, len(steps)))
            between = {} if body["order"] == "any" else {"from": first, "to": last}
            body["exclude"].append({**each, **between})
    if draw(st.integers(0, 3)) == 0:
        body["filters"] = draw(conditions)
    return body


asked_bodies = st.lists(bodies(), min_size=4, max_size=4)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """What the oracle says of a row, in its words."""
    took = row["time_to_convert"]
    return {
        "counts": [step["count"] for step in row["steps"]],
        "medians": [step["median_seconds_from_previous"] for step in row["steps"]],
        "median": took["median_seconds"],
        "took": [(bar["from"], bar["to"], bar["count"]) for bar in took["histogram"] if bar["count"]],
    }


def barred(wanted: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The oracle's answer with its times counted into the bars of the other one."""
    bars = [(bar["from"], bar["to"]) for bar in row["time_to_convert"]["histogram"]]
    counted = [
        (start, end, sum(start <= each < (end or float("inf")) for each in wanted["took"]))
        for start, end in bars
    ]
    assert sum(count for _, _, count in counted) == len(wanted["took"])
    near = [None if each is None else pytest.approx(each) for each in wanted["medians"]]
    return {
        **wanted,
        "medians": near,
        "median": None if wanted["median"] is None else pytest.approx(wanted["median"]),
        "took": [bar for bar in counted if bar[2]],
    }


def same(found: dict[str, Any], wanted: dict[str, Any], asked: Asked) -> None:
    assert shown(found) == barred(wanted, found), asked
    counts = wanted["counts"]
    before = [counts[0], *counts]
    for step, count, previous in zip(found["steps"], counts, before, strict=False):
        assert step["conversion_rate"] == pytest.approx(100 * count / counts[0] if counts[0] else 0)
        assert step["step_conversion_rate"] == pytest.approx(100 * count / previous if previous else 0)
        assert step["dropped"] == previous - count


def ask(project: Project, asked: Asked, **more: Any) -> dict[str, Any]:
    body = {**asked.body, "startDate": str(asked.start), "endDate": str(asked.end), **more}
    answer = project.http.post(f"/insights/{project.id}/funnel", json=body, headers=project.read.headers)
    assert answer.status_code == 200, f"{body}: {answer.text}"
    return answer.json()["data"]


def prove(project: Project, oracle: Oracle, asked: Asked, name: str, interval: str) -> None:
    first = name != "group" and len(repr(asked)) % 2 == 0
    found = ask(
        project,
        asked,
        breakdown=name,
        breakdownAttribution="first_step" if first else "every_step",
        trend=interval,
    )
    same(found, funnel(asked, oracle), asked)
    rows = by_first_step(asked, oracle, lambda event: text_of(name, event)) if first else None
    rows = by_every_step(asked, oracle, name) if rows is None else rows
    assert {as_text(row["value"]) for row in found["breakdown"]} == {*rows}, asked
    for row in found["breakdown"]:
        same(row, rows[as_text(row["value"])], asked)
    points = [(point["date"], point["counts"]) for point in found["trend"]]
    assert points == over_time(asked, oracle, interval), asked


def prove_all(
    make_project: MakeProject, stream: Stream, asked: list[dict[str, Any]], data: st.DataObject
) -> None:
    project, oracle = sent(make_project, stream)
    start, end = oracle.days()
    for body in asked:
        last = data.draw(st.sampled_from((start, end)))
        name = data.draw(st.sampled_from(NAMES))
        interval = data.draw(st.sampled_from(("day", "week", "month", "hour")))
        if interval == "hour" and (last - start).days > 3:
            interval = "day"
        prove(project, oracle, Asked(body, start, last), name, interval)


@given(
    stream=streams() | streams("named") | streams("server") | streams("groups"),
    asked=asked_bodies,
    data=st.data(),
)
@ORACLE
def test_funnels(make_project, stream, asked, data):
    prove_all(make_project, stream, asked, data)


@given(stream=streams("server") | streams("groups"), asked=asked_bodies, data=st.data())
@settings(ORACLE, max_examples=max(10, ORACLE.max_examples // 4))
def test_on_a_clickhouse_server(make_project_on_server, stream, asked, data):
    prove_all(make_project_on_server, stream, asked, data)
