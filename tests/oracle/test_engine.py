"""Random streams through the whole pipeline; every answer against the oracle's."""

from collections.abc import Iterable
from functools import partial

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.oracle.comparison import QUESTIONS, compare
from tests.oracle.conditions import Condition, conditions, holds
from tests.oracle.door import MakeProject, send, sent
from tests.oracle.model import VIEW, Oracle, Sent
from tests.oracle.streams import Stream, streams

pytestmark = pytest.mark.timeout(3600)

ORACLE = settings.get_profile("oracle")
NOON = 1_709_294_400_000  # 2024-03-01T12:00:00Z
SOME = st.lists(st.sampled_from(sorted(QUESTIONS)), min_size=3, max_size=3, unique=True)
"""Asking everything of every stream would only be slower."""


def prove(
    make_project: MakeProject,
    stream: Stream,
    questions: list[str],
    filters: Iterable[Condition] = (),
) -> None:
    """Send a stream, ask questions; then the same ones with each of the filters."""
    project, oracle = sent(make_project, stream)
    compare(project, oracle, questions)
    for condition in filters:
        oracle.filters, oracle.keep = condition, partial(holds, condition)
        compare(project, oracle, questions)


@given(stream=streams(), questions=SOME)
@ORACLE
def test_devices_and_profiles(make_project, stream, questions):
    prove(make_project, stream, questions)


@given(stream=streams("named"), questions=SOME)
@ORACLE
def test_session_ids_of_the_client(make_project, stream, questions):
    prove(make_project, stream, questions)


@given(stream=streams("server"), questions=SOME)
@ORACLE
def test_events_without_a_device(make_project, stream, questions):
    prove(make_project, stream, questions)


@given(
    stream=streams("named") | streams("server"),
    questions=SOME,
    filters=st.lists(conditions, min_size=1, max_size=4),
)
@ORACLE
def test_filters(make_project, stream, questions, filters):
    prove(make_project, stream, questions, filters)


@given(stream=streams("groups"), condition=conditions)
@ORACLE
def test_groups(make_project, stream, condition):
    questions = ["events", "by group", "by group,path", "totals"]
    prove(make_project, stream, questions, [condition, [{"name": "group", "operator": "isNull"}]])


AROUND = [
    Sent("track", NOON, "e", name=VIEW, device="desk"),
    Sent("identify", NOON, "1", profile="ada", properties={"stats.wins": 1}),
    Sent("increment", NOON + 1, "2", profile="ada", property="stats", value=3),
    Sent("increment", NOON + 2, "3", profile="ada", property="stats.losses", value=5),
    Sent("identify", NOON + 3, "4", profile="ada", properties={"stats.wins": 2}),
]


@given(stream=streams("profiles"))
@example(stream=Stream("UTC", AROUND, 9, apart=False))
@ORACLE
def test_profiles(make_project, stream):
    prove(make_project, stream, ["profiles", "totals"])


@given(stream=streams("server"), questions=SOME, filters=st.lists(conditions, max_size=2))
@settings(ORACLE, max_examples=max(10, ORACLE.max_examples // 4))
def test_on_a_clickhouse_server(make_project_on_server, stream, questions, filters):
    prove(make_project_on_server, stream, questions, filters)


@given(stream=streams(), data=st.data())
@settings(ORACLE, max_examples=10)
def test_order_of_arrival_changes_nothing(make_project, stream, data):
    """Two orders, one answer (where no two events of a device have the same instant)."""
    times = [(command.device, command.at) for command in stream.sent if command.kind == "track"]
    assume(len(set(times)) == len({command.id for command in stream.sent if command.kind == "track"}))
    once = list({command.id: command for command in stream.sent}.values())
    other = stream._replace(sent=data.draw(st.permutations(once)))
    span = dict(zip(("startDate", "endDate"), map(str, Oracle(once, stream.zone).days()), strict=True))
    answers = []
    for each in (stream, other):
        project = make_project(stream.zone)
        send(project, each)
        pages = sorted(project.ask("pages", **span), key=lambda row: row["path"])
        answers.append((project.metrics(**span), project.ask("timeseries", interval="day", **span), pages))
    assert answers[0] == answers[1]
