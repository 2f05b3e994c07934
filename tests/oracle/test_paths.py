"""Random streams through the whole pipeline; what follows what, against the slow answer."""

import json
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlens.insights import paths as product
from tests.oracle.comparison import check
from tests.oracle.conditions import conditions, holds
from tests.oracle.door import MakeProject, sent
from tests.oracle.model import VIEW, Oracle
from tests.oracle.streams import PATHS, Stream, streams
from tests.oracle.walking import Asked, paths
from tests.support.project import Project

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
PAGES = st.none() | st.sampled_from(PATHS)
NAMES = st.none() | st.sampled_from((VIEW, "click", "charge"))


@st.composite
def asked_of(draw: st.DrawFn, first: date, last: date) -> Asked:
    start = first + timedelta(days=draw(st.integers(-1, 2)))
    end = max(start, last + timedelta(days=draw(st.integers(-1, 1))))
    mode = draw(st.sampled_from(("pages", "pages", "events")))
    anchor = PAGES if mode == "pages" else NAMES
    depth, limit = draw(st.integers(3, 6)), draw(st.integers(1, 4))
    return Asked(start, end, mode, draw(anchor), draw(anchor), depth, limit)


def same_paths(project: Project, oracle: Oracle, asked: Asked) -> None:
    given_ = {
        "startDate": str(asked.start),
        "endDate": str(asked.end),
        "mode": asked.mode,
        "start": asked.begin,
        "end": asked.goal,
        "depth": str(asked.depth),
        "limit": str(asked.limit),
        "filters": oracle.filters and json.dumps(oracle.filters),
    }
    found = project.ask("paths", **{name: value for name, value in given_.items() if value is not None})
    wanted = paths(oracle, asked)
    nodes = {node["id"]: [node["value"], node["entered"], node["dropped"]] for node in found["nodes"]}
    check(f"{asked} nodes", nodes, wanted["nodes"])
    links = {(link["source"], link["target"]): link["value"] for link in found["links"]}
    check(f"{asked} links", links, wanted["links"])
    check(f"{asked} sessions", found["sessions"], wanted["sessions"])


def prove(make_project: MakeProject, stream: Stream, data: st.DataObject) -> None:
    project, oracle = sent(make_project, stream)
    for condition in (None, None, data.draw(conditions)):
        if condition is not None:
            oracle.filters, oracle.keep = condition, partial(holds, condition)
        same_paths(project, oracle, data.draw(asked_of(*oracle.days())))


@given(stream=streams() | streams("named") | streams("server"), data=st.data())
@ORACLE
def test_what_follows_what(make_project, stream, data):
    prove(make_project, stream, data)


@given(stream=streams() | streams("named") | streams("server"), data=st.data(), most=st.integers(1, 4))
@settings(ORACLE, max_examples=max(10, ORACLE.max_examples // 2))
def test_parts_add_up(make_project, stream, data, most):
    """Cut into as small parts as can be, days are shared out too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product, "PART_EVENTS", most)
        prove(make_project, stream, data)


@given(stream=streams("server"), data=st.data())
@settings(ORACLE, max_examples=max(10, ORACLE.max_examples // 4))
def test_what_follows_what_on_a_clickhouse_server(make_project_on_server, stream, data):
    prove(make_project_on_server, stream, data)
