"""Series, revenue, goals and attribution through the whole pipeline, against the slow model."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.oracle.conversions import OTHER, Conversions, Keep, is_event, is_view_of
from tests.oracle.door import MakeProject, sent
from tests.oracle.model import Event
from tests.oracle.streams import Stream, streams
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
NUMBERS = (0, 1, 2.5, -3, "7", "x", True, None)
MONEY = (0, 1, 250, 1_000_000)
CURRENCIES = ("EUR", "EUR", "JPY", "")


@st.composite
def shops(draw: st.DrawFn) -> Stream:
    """A stream in which clicks have numbers and some are purchases."""
    stream = draw(streams(draw(st.sampled_from(("plain", "named")))))
    bought: dict[str, Any] = {}
    for command in stream.sent:
        if command.name == "click" and command.id not in bought:
            bought[command.id] = replace(command, properties={"n": draw(st.sampled_from(NUMBERS))})
            if draw(st.booleans()):
                money = {
                    "__revenue": draw(st.sampled_from(MONEY)),
                    "currency": draw(st.sampled_from(CURRENCIES)),
                }
                bought[command.id] = replace(command, name="revenue", properties=money)
    return stream._replace(sent=[bought.get(command.id, command) for command in stream.sent])


def prepared(make: MakeProject, stream: Stream) -> tuple[Project, Conversions]:
    project, oracle = sent(make, stream)
    return project, Conversions(oracle)


def post(project: Project, path: str, body: Any) -> Any:
    answer = project.http.post(f"/insights/{project.id}/{path}", json=body, headers=project.root.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def near(value: Any) -> Any:
    if isinstance(value, list):
        return [near(each) for each in value]
    if isinstance(value, dict):
        return {name: near(each) for name, each in value.items()}
    return pytest.approx(value) if isinstance(value, int | float) else value


def span(start: date, end: date) -> dict[str, str]:
    return {"startDate": str(start), "endDate": str(end)}


METRICS = (
    "total_events", "unique_visitors", "total_sessions", "events_per_visitor",
    "sum", "avg", "min", "max", "median", "sum_per_visitor",
)  # fmt: skip
EVENTS: dict[str | None, Keep] = {
    None: lambda event: event is not None,
    "click": is_event("click"),
    "screen_view": is_event("screen_view"),
}


def item(metric: str, name: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"metric": metric}
    if name is not None:
        found["event"] = name
    if metric in METRICS[4:]:
        found["property"] = "properties.n"
    return found


def path_of(event: Event) -> str | None:
    return event.sent.path or None


CHOSEN = st.lists(
    st.tuples(st.sampled_from(METRICS), st.sampled_from(list(EVENTS))), min_size=1, max_size=4, unique=True
)


def series_agree(
    project: Project, model: Conversions, chosen: list[tuple[str, str | None]], values: int
) -> None:
    start, end = model.oracle.days()
    before = start - (end - start) - timedelta(days=1), start - timedelta(days=1)
    body = {
        **span(start, end),
        "interval": "day",
        "compare": "previous",
        "series": [item(*each) for each in chosen],
        "formulas": [{"expression": "A / 2"}],
        "breakdown": "path",
        "limit": values,
    }
    lines = post(project, "series", body)["lines"]
    metric, name = chosen[0]
    ranked = metric if metric in METRICS[:3] or metric == "sum" else "total_events"
    found = {(repr(line["values"]), line["id"]): line for line in lines}
    for at, (metric, name) in enumerate(chosen):
        keep = EVENTS[name]
        line = found["None", "ABCD"[at]]
        assert {"total": line["total"], "points": line["points"]} == near(
            model.line(metric, keep, start, end)
        )
        assert line["previous"] == near(model.line(metric, keep, *before))
    if ranked == "sum" or len(chosen) > 1:  # values without any, and those of later series, come after
        return

    def size(of: Keep) -> Any:
        return model.metric(ranked, lambda event: EVENTS[name](event) and of(event), start, end)

    for one, of in model.places(path_of, size, values):
        line = found.get((repr([one]), "A"))
        wanted = model.line(metric, lambda event, of=of: EVENTS[name](event) and of(event), start, end)
        if line is None:
            assert one == OTHER
            assert not any(wanted["points"])
        else:
            assert {"total": line["total"], "points": line["points"]} == near(wanted), (
                f"{one} {metric} {name}"
            )


def revenue_agrees(project: Project, model: Conversions) -> None:
    start, end = model.oracle.days()
    answer = project.ask("revenue", interval="day", dimension="path", limit=10, **span(start, end))
    everything: Keep = EVENTS[None]
    wanted = model.earned(everything, start, end)
    assert {row["currency"] or "": {name: row[name] for name in wanted[row["currency"] or ""]}
            for row in answer["currencies"]} == near(wanted)  # fmt: skip
    for row in answer["currencies"]:
        for day, point in zip(model.days(start, end), row["series"], strict=True):
            earned = model.earned(everything, day, day).get(row["currency"] or "", {"amount": 0})
            assert {name: point[name] for name in earned} == near(earned), day
        for one in row["rows"]:
            of = one["values"][0]
            earned = model.earned(lambda event, of=of: path_of(event) == of, start, end)
            assert {name: one[name] for name in earned[row["currency"] or ""]} == near(
                earned[row["currency"] or ""]
            )


GOALS: dict[str, tuple[dict[str, str], Keep]] = {
    "bought": ({"event": "revenue"}, is_event("revenue")),
    "a": ({"page": "/a"}, is_view_of("/a")),
    "any page": ({"page": "/*"}, is_event("screen_view")),
}


def goals_agree(project: Project, model: Conversions) -> None:
    start, end = model.oracle.days()
    for name, (definition, _) in GOALS.items():
        post(project, "goals", {"name": name, **definition})
    everything: Keep = EVENTS[None]
    for goal in project.ask("goals", **span(start, end)):
        reached = GOALS[goal["name"]][1]
        wanted = model.goal(reached, start, end, everything)
        same_goal(goal, wanted)
        one = project.ask(
            f"goals/{goal['id']}", interval="day", dimension="utm_source", limit=10, **span(start, end)
        )
        for day, point in zip(model.days(start, end), one["series"], strict=True):
            same_goal(point, model.goal(reached, day, day, everything))
        for row in one["rows"]:
            of = row["values"][0]

            def keep(event: Event, of: str | None = of) -> bool:
                return (event.session.first.sent.utm_source if event.session else "") == (of or "")

            same_goal(row, model.goal(reached, start, end, keep))


def same_goal(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    numbers = {name: found[name] for name in wanted if name != "revenue"}
    assert numbers == near({name: value for name, value in wanted.items() if name != "revenue"})
    assert {row["currency"] or "": row["amount"] for row in found["revenue"]} == wanted["revenue"]


def attribution_agrees(project: Project, model: Conversions, lookback: int) -> None:
    start, end = model.oracle.days()
    for how in ("first", "last", "last_non_direct"):
        answer = project.ask(
            "attribution", event="revenue", model=how, dimension="utm_source", lookbackDays=lookback,
            **span(start, end),
        )  # fmt: skip
        found = {
            row["values"][0]: {name: row[name] for name in ("conversions", "converters", "share")}
            for row in answer["rows"]
        }
        assert found == near(model.attribution(is_event("revenue"), how, lookback, start, end)), how


def agree(
    make: MakeProject, stream: Stream, chosen: list[tuple[str, str | None]], values: int, lookback: int
) -> None:
    project, model = prepared(make, stream)
    assume(not model.ambiguous())
    series_agree(project, model, chosen, values)
    revenue_agrees(project, model)
    goals_agree(project, model)
    attribution_agrees(project, model, lookback)


@given(stream=shops(), chosen=CHOSEN, values=st.integers(1, 3), lookback=st.sampled_from((1, 2, 30)))
@ORACLE
def test_conversions(make_project, stream, chosen, values, lookback):
    agree(make_project, stream, chosen, values, lookback)


@given(stream=shops(), chosen=CHOSEN, values=st.integers(1, 3), lookback=st.sampled_from((1, 30)))
@settings(ORACLE, max_examples=max(5, ORACLE.max_examples // 8))
def test_on_a_clickhouse_server(make_project_on_server, stream, chosen, values, lookback):
    agree(make_project_on_server, stream, chosen, values, lookback)
