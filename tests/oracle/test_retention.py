"""Random streams through the whole pipeline; who comes back, against the slow answer."""

import json
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.comparison import check
from tests.oracle.conditions import conditions, holds, texts_of
from tests.oracle.door import MakeProject, sent
from tests.oracle.model import VIEW, Oracle
from tests.oracle.returning import Asked, people_by_cell, table, values_of
from tests.oracle.streams import Stream, streams
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
CROWDED = settings(ORACLE, max_examples=max(4, ORACLE.max_examples * 2 // 5))
"""As many crowds as the profile has streams, two or three in each."""
NAMES = st.sampled_from((None, None, VIEW, "click", "charge"))


@st.composite
def asked_of(draw: st.DrawFn, first: date, last: date) -> Asked:
    """A question about days around those of the events, or a part of them."""
    period = draw(st.sampled_from(("day", "day", "week", "month")))
    start = draw(st.sampled_from((first, last))) + timedelta(days=draw(st.integers(-8, 3)))
    end = max(start, last + timedelta(days=draw(st.integers(-1, 10))))
    if period == "day":  # months of days would only be slower
        end = min(end, start + timedelta(days=30))
    filters = st.none() | conditions
    start_event, start_filters = draw(NAMES), draw(filters)
    same = draw(st.booleans())
    return Asked(
        start,
        end,
        period,
        draw(st.sampled_from(("on", "on_or_after"))),
        draw(st.sampled_from(("first", "first_ever", "recurring"))),
        start_event,
        start_event if same else draw(NAMES),
        start_filters,
        start_filters if same else draw(filters),
    )


def parameters(oracle: Oracle, asked: Asked) -> dict[str, str]:
    given_ = {
        "startDate": str(asked.start),
        "endDate": str(asked.end),
        "period": asked.period,
        "mode": asked.mode,
        "cohort": asked.cohort,
        "startEvent": asked.start_event,
        "returnEvent": asked.return_event,
        "startFilters": asked.start_filters and json.dumps(asked.start_filters),
        "returnFilters": asked.return_filters and json.dumps(asked.return_filters),
        "filters": oracle.filters and json.dumps(oracle.filters),
    }
    return {name: value for name, value in given_.items() if value}


def same_table(project: Project, oracle: Oracle, asked: Asked) -> None:
    found = project.ask("retention", **parameters(oracle, asked))
    wanted = table(oracle, asked)
    check(f"{asked} cohorts", found["cohorts"], wanted["cohorts"])
    check(f"{asked} average", found["average"], pytest.approx(wanted["average"]))


def same_breakdown(project: Project, oracle: Oracle, asked: Asked, dimension: str, limit: int) -> None:
    found = project.ask("retention", breakdown=dimension, limit=limit, **parameters(oracle, asked))
    top = values_of(oracle, asked, dimension)[:limit]
    rows = {row["values"][0] or "": row for row in found["breakdown"]}
    assert len(rows) == len(found["breakdown"])
    for text in [*top, "(other)"]:
        wanted = table(
            oracle,
            asked,
            lambda event, text=text: any(
                each == text if text != "(other)" else each not in top for each in texts_of(dimension, event)
            ),
        )
        row = rows.pop(text, None)
        if row is None:
            assert all(cohort["size"] == 0 for cohort in wanted["cohorts"]), f"{text} is missing in {asked}"
            continue
        check(f"{asked} of {text}", row["cohorts"], wanted["cohorts"])
        check(f"{asked} average of {text}", row["average"], pytest.approx(wanted["average"]))
    assert not rows


def same_people(project: Project, oracle: Oracle, asked: Asked, cell: tuple[str, int]) -> None:
    """Everybody behind a number, page by page, by the same keys as in the list of events."""
    keys: dict[str, str] = {row["id"]: row["visitorId"] for row in project.events(range="all", limit=1000)}
    people: dict[str, str] = {}
    for event in oracle.everything:
        if (person := oracle.people.of(event)) is not None:
            people[person] = keys[event.sent.id]
    place = {"date": cell[0], "index": cell[1], "limit": 1}
    rows = project.pages("retention/people", **parameters(oracle, asked), **place)
    found = [row["visitorId"] for row in rows]
    wanted = sorted(people[person] for person in people_by_cell(oracle, asked)[cell])
    check(f"{asked} people of {cell}", found, wanted)


def prove(make_project: MakeProject, stream: Stream, data: st.DataObject) -> None:
    project, oracle = sent(make_project, stream)
    for condition in (None, data.draw(conditions)):
        if condition is not None:
            oracle.filters, oracle.keep = condition, partial(holds, condition)
        asked = data.draw(asked_of(*oracle.days()))
        same_table(project, oracle, asked)
        dimension = data.draw(st.sampled_from(("path", "name", "utm_source", "group")))
        same_breakdown(project, oracle, asked, dimension, data.draw(st.integers(1, 3)))
        cells = people_by_cell(oracle, asked)
        filled = [cell for cell, people in cells.items() if people]
        same_people(project, oracle, asked, data.draw(st.sampled_from(filled or list(cells))))


@given(stream=streams("plain", 4) | streams("named", 4) | streams("server", 4), data=st.data())
@CROWDED
def test_who_comes_back(make_project, stream, data):
    prove(make_project, stream, data)


@given(stream=streams("groups", 4), data=st.data())
@settings(ORACLE, max_examples=max(4, ORACLE.max_examples // 10))
def test_who_comes_back_by_group(make_project, stream, data):
    prove(make_project, stream, data)


@given(stream=streams("server", 4), data=st.data())
@settings(ORACLE, max_examples=max(4, ORACLE.max_examples // 10))
def test_who_comes_back_on_a_clickhouse_server(make_project_on_server, stream, data):
    prove(make_project_on_server, stream, data)
