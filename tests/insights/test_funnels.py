"""Funnels by hand. Most tables read: who does what when; then how many reach each step."""

from typing import Any

import pytest
from msgspec import UNSET, Struct

from eventlens.errors import InvalidInput
from eventlens.insights.filters import read_filters
from eventlens.insights.funnels import FunnelAnswer, funnel
from eventlens.insights.funnels_asked import ExcludeItem, Given, StepItem, read_funnel
from eventlens.insights.funnels_people import Behind, FunnelPerson, people, read_funnel_cursor
from eventlens.insights.ranges import Span
from eventlens.sessions import session_name
from tests.insights.world import World, ms


def given(*steps: str | StepItem | None, **more: Any) -> Given:
    items = [step if isinstance(step, StepItem) else StepItem(name=step) for step in steps]
    return Given(steps=items, **more)


def ask(world: World, *steps: str | StepItem | None, question: dict[str, Any] | None = None, **more: Any):
    return funnel(world.store, world.ask(**(question or {})), read_funnel(given(*steps, **more)))


def counts(answer: FunnelAnswer) -> list[int]:
    return [step.count for step in answer.steps]


def walk(world: World, who: str, *events: str, **columns: Any) -> None:
    """`A 10:00:05` each."""
    for each in events:
        name, when = each.split(" ", 1)
        world.see(who, when, name=name, **columns)


def filtered(name: str | None, *filters: tuple[str, str, Any]) -> StepItem:
    return StepItem(name=name, filters=[{"name": n, "operator": o, "value": [v]} for n, o, v in filters])


def test_counts_rates_and_medians(world: World):
    walk(world, "one", "A 10:00:00", "B 10:00:10", "C 10:01:10")
    walk(world, "two", "A 10:00:00", "B 10:00:20")
    walk(world, "three", "A 10:00:00", "C 10:00:30")
    walk(world, "four", "B 10:00:00", "C 10:00:30")
    answer = ask(world.settle(), "A", "B", "C")
    assert counts(answer) == [3, 2, 1]
    assert [step.conversion_rate for step in answer.steps] == [
        100,
        pytest.approx(200 / 3),
        pytest.approx(100 / 3),
    ]
    assert [step.step_conversion_rate for step in answer.steps] == [100, pytest.approx(200 / 3), 50]
    assert [step.dropped for step in answer.steps] == [0, 1, 1]
    assert [step.median_seconds_from_previous for step in answer.steps] == [None, 15, 60]
    assert answer.overall_conversion_rate == pytest.approx(100 / 3)
    assert answer.time_to_convert.median_seconds == 70
    assert [(bar.from_seconds, bar.to_seconds, bar.count) for bar in answer.time_to_convert.histogram] == [
        (60, 300, 1)
    ]


def test_an_empty_project_has_zeros(world: World):
    answer = ask(world, "A", "B", breakdown="country", trend="day")
    assert counts(answer) == [0, 0]
    assert answer.overall_conversion_rate == 0
    assert [step.conversion_rate for step in answer.steps] == [0, 0]
    assert [step.median_seconds_from_previous for step in answer.steps] == [None, None]
    assert answer.time_to_convert.median_seconds is None
    assert answer.breakdown == []
    assert isinstance(answer.trend, list)
    assert [(point.date, point.counts) for point in answer.trend] == [("2026-03-10", [0, 0])]


ORDERS = {
    "in order": (["A 10:00:00", "B 10:00:01"], [1, 1]),
    "the wrong way round": (["B 10:00:00", "A 10:00:01"], [1, 0]),
    "others between": (["A 10:00:00", "X 10:00:01", "B 10:00:02"], [1, 1]),
    "tie in order of arrival": (["A 10:00:00", "B 10:00:00"], [1, 1]),
    "tie against it": (["B 10:00:00", "A 10:00:00"], [1, 0]),
    "at the window's end": (["A 10:00:00", "B 10:01:00"], [1, 1]),
    "after it": (["A 10:00:00", "B 10:01:00.001"], [1, 0]),
    "a later start is in time": (["A 10:00:00", "A 10:00:30", "B 10:01:10"], [1, 1]),
    "nothing at all": (["X 10:00:00"], [0, 0]),
    "step 2 alone": (["B 10:00:00"], [0, 0]),
}


@pytest.mark.parametrize("case", ORDERS)
def test_order_and_window(world: World, case: str):
    events, wanted = ORDERS[case]
    walk(world, "one", *events)
    assert counts(ask(world.settle(), "A", "B", window_seconds=60)) == wanted


def test_one_event_is_one_step(world: World):
    walk(world, "once", "A 10:00:00")
    walk(world, "twice", "A 10:00:00", "A 10:00:00")
    assert counts(ask(world.settle(), "A", "A", "A")) == [2, 1, 0]


def test_no_window(world: World):
    walk(world, "one", "A 10:00:00", "B 2026-05-10T10:00:00")
    answer = ask(world.settle(), "A", "B", window_seconds=None)
    assert counts(answer) == [1, 1]
    assert answer.steps[1].median_seconds_from_previous == 61 * 86_400


def test_step_1_in_the_range_later_ones_in_the_window(world: World):
    walk(world, "late", "A 23:59:59", "B 2026-03-11T23:59:59")
    walk(world, "too late", "A 23:59:59", "B 2026-03-12T00:00:00")
    walk(world, "began after", "A 2026-03-11T00:00:00", "B 2026-03-11T00:00:01")
    walk(world, "began before", "A 2026-03-09T23:59:59", "B 10:00:00")
    assert counts(ask(world.settle(), "A", "B")) == [2, 1]


STRICT = {
    "nothing between": (["A 10:00:00", "B 10:00:01", "C 10:00:02"], [1, 1, 1]),
    "another before step 2": (["A 10:00:00", "X 10:00:01", "B 10:00:02", "C 10:00:03"], [1, 0, 0]),
    "another before step 3": (["A 10:00:00", "B 10:00:01", "X 10:00:02", "C 10:00:03"], [1, 1, 0]),
    "the best attempt": (["A 10:00:00", "A 10:00:01", "B 10:00:02", "C 10:00:03"], [1, 1, 1]),
    "a step again is another event": (["A 10:00:00", "B 10:00:01", "B 10:00:02", "C 10:00:03"], [1, 1, 0]),
    "others around": (["X 09:59:59", "A 10:00:00", "B 10:00:01", "C 10:00:02", "X 10:00:02"], [1, 1, 1]),
}


@pytest.mark.parametrize("case", STRICT)
def test_strict(world: World, case: str):
    events, wanted = STRICT[case]
    walk(world, "one", *events)
    assert counts(ask(world.settle(), "A", "B", "C", order="strict")) == wanted


BETWEEN = [ExcludeItem(name="X", from_=1, to=2)]
EXCLUDED = {
    "before": (["X 09:59:59", "A 10:00:00", "B 10:00:01"], [1, 1]),
    "between": (["A 10:00:00", "X 10:00:01", "B 10:00:02"], [0, 0]),
    "after": (["A 10:00:00", "B 10:00:01", "X 10:00:02"], [1, 1]),
    "no step 2": (["A 10:00:00", "X 10:00:01"], [0, 0]),
    "at the window's end": (["A 10:00:00", "X 10:00:10"], [0, 0]),
    "after the window": (["A 10:00:00", "X 10:00:11", "B 10:00:12"], [1, 0]),
    "another attempt is clean": (["A 10:00:00", "X 10:00:01", "A 10:00:02", "B 10:00:03"], [1, 1]),
    "another attempt goes less far": (["A 10:00:00", "X 10:00:01", "B 10:00:02", "A 10:00:03"], [1, 0]),
    "tie before step 2": (["A 10:00:00", "X 10:00:00", "B 10:00:00"], [0, 0]),
    "tie after step 2": (["A 10:00:00", "B 10:00:00", "X 10:00:00"], [1, 1]),
    "tie before step 1": (["X 10:00:00", "A 10:00:00", "B 10:00:00"], [1, 1]),
}


@pytest.mark.parametrize("case", EXCLUDED)
def test_exclusions(world: World, case: str):
    events, wanted = EXCLUDED[case]
    walk(world, "one", *events)
    assert counts(ask(world.settle(), "A", "B", window_seconds=10, exclude=BETWEEN)) == wanted


EXCLUDED_IN_ANY = {
    "before": (["X 09:59:59", "A 10:00:00", "B 10:00:01"], [1, 1]),
    "between: who begins with the other step": (["A 10:00:00", "X 10:00:01", "B 10:00:02"], [1, 0]),
    "after the last step": (["B 10:00:00", "A 10:00:01", "X 10:00:02"], [1, 1]),
    "no other step": (["B 10:00:00", "X 10:00:10"], [0, 0]),
    "after the window": (["B 10:00:00", "X 10:00:10.001"], [1, 0]),
    "tie": (["A 10:00:00", "B 10:00:00", "X 10:00:00"], [1, 1]),
}


@pytest.mark.parametrize("case", EXCLUDED_IN_ANY)
def test_exclusions_in_any_order(world: World, case: str):
    events, wanted = EXCLUDED_IN_ANY[case]
    walk(world, "one", *events)
    exclude = [ExcludeItem(name="X")]
    assert counts(ask(world.settle(), "A", "B", order="any", window_seconds=10, exclude=exclude)) == wanted


def test_an_exclusion_between_other_steps(world: World):
    walk(world, "early", "A 10:00:00", "X 10:00:01", "B 10:00:02", "C 10:00:03")
    walk(world, "late", "A 10:00:00", "B 10:00:02", "X 10:00:03", "C 10:00:04")
    walk(world, "stopped", "A 10:00:00", "B 10:00:02", "X 10:00:03")
    world.settle()
    between = {(1, 2): [2, 2, 1], (2, 3): [1, 1, 1], (1, 3): [0, 0, 0], (None, None): [0, 0, 0]}
    for (first, last), wanted in between.items():
        exclude = [ExcludeItem(name="X", from_=first, to=last)]
        assert counts(ask(world, "A", "B", "C", exclude=exclude)) == wanted


STRICTLY = {
    "between": (["A 10:00:00", "X 10:00:01", "B 10:00:02"], [0, 0]),
    "after another event": (["A 10:00:00", "Y 10:00:01", "X 10:00:02"], [0, 0]),
    "after step 2": (["A 10:00:00", "B 10:00:01", "X 10:00:02"], [1, 1]),
    "after the window": (["A 10:00:00", "Y 10:00:01", "X 10:01:02"], [1, 0]),
}


@pytest.mark.parametrize("case", STRICTLY)
def test_exclusions_in_strict_order(world: World, case: str):
    events, wanted = STRICTLY[case]
    walk(world, "one", *events)
    answer = ask(world.settle(), "A", "B", order="strict", window_seconds=60, exclude=BETWEEN)
    assert counts(answer) == wanted


ANY = {
    "in order": (["A 10:00:00", "B 10:00:01", "C 10:00:02"], [1, 1, 1]),
    "the other way round": (["C 10:00:00", "B 10:00:01", "A 10:00:02"], [1, 1, 1]),
    "two of them": (["C 10:00:00", "X 10:00:00", "A 10:00:02"], [1, 1, 0]),
    "one again and again": (["C 10:00:00", "C 10:00:01", "C 10:00:02"], [1, 0, 0]),
    "at the window's end": (["C 10:00:00", "B 10:01:00"], [1, 1, 0]),
    "after it": (["C 10:00:00", "B 10:01:00.001"], [1, 0, 0]),
    "the best window": (["C 10:00:00", "C 10:00:50", "B 10:01:05", "A 10:01:10"], [1, 1, 1]),
}


@pytest.mark.parametrize("case", ANY)
def test_any_order(world: World, case: str):
    events, wanted = ANY[case]
    walk(world, "one", *events)
    assert counts(ask(world.settle(), "A", "B", "C", order="any", window_seconds=60)) == wanted


def test_any_order_begins_in_the_range(world: World):
    walk(world, "late", "B 23:59:59", "A 2026-03-11T00:00:01")
    walk(world, "began after", "B 2026-03-11T00:00:00", "A 2026-03-11T00:00:01")
    assert counts(ask(world.settle(), "A", "B", order="any")) == [1, 1]


def test_any_order_needs_an_event_for_each_step(world: World):
    """Of `A on /x`, `any A` and `anything`, an event may be one: whichever helps most."""
    steps = [filtered("A", ("path", "is", "/x")), "A", None]
    walk(world, "all", "A 10:00:00", "B 10:00:01")
    world.see("all", "10:00:02", name="A", path="/x")
    world.see("on x alone", "10:00:02", name="A", path="/x")
    world.see("twice on x", "10:00:02", name="A", path="/x")
    world.see("twice on x", "10:00:03", name="A", path="/x")
    walk(world, "A and B", "A 10:00:00", "B 10:00:01", "B 10:00:02")
    answer = ask(world.settle(), *steps, order="any")
    assert counts(answer) == [4, 3, 1]


def test_any_order_of_one_step_again_and_again(world: World):
    walk(world, "one", "A 10:00:00", "A 10:00:10", "B 10:00:20")
    answer = ask(world.settle(), "A", "B", "A", "A", order="any")
    assert counts(answer) == [1, 1, 1, 0]
    assert [step.median_seconds_from_previous for step in answer.steps] == [None, 10, 10, None]


def test_any_order_refuses_what_is_too_much_to_look_at(world: World):
    paths = [filtered("view", ("path", "contains", f"/{number}")) for number in range(6)]
    with pytest.raises(InvalidInput) as refused:
        read_funnel(given(*paths, order="any"))
    assert refused.value.field == "steps"
    apart = [filtered("view", ("path", "is", f"/{number}")) for number in range(20)]
    assert counts(ask(world, *apart, order="any")) == [0] * 20


# --- who ---


def test_people_sessions_and_groups(world: World):
    walk(world, "phone", "A 10:00:00", groups=["acme", "zoo"])
    walk(world, "desk", "B 11:00:00", groups=["acme"])
    walk(world, "other", "A 10:00:00", "B 10:10:00", groups=["zoo"])
    walk(world, "nobody", "A 10:00:00", "B 10:10:00", visitor=0, session=0)
    world.is_person("desk", "phone")
    world.settle()
    assert counts(ask(world, "A", "B")) == [2, 2]
    assert counts(ask(world, "A", "B", by="session")) == [2, 1]
    assert counts(ask(world, "A", "B", by="group")) == [2, 2]


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_as_many_steps_and_exclusions_as_there_may_be(world: World, order: str):
    """More bits than a narrow number has."""
    names = [f"S{number}" for number in range(20)]
    walk(world, "all", *(f"{name} 10:00:{number:02}" for number, name in enumerate(names)))
    walk(world, "half", *(f"{name} 10:00:{number:02}" for number, name in enumerate(names[:10])))
    walk(world, "excluded", "S0 10:00:00", "X19 10:00:01", "S1 10:00:02")
    exclude = [ExcludeItem(name=f"X{number}") for number in range(20)]
    answer = ask(world.settle(), *names, order=order, exclude=exclude)
    last = 1 if order == "any" else 0  # who begins with S1 after what is excluded
    assert counts(answer) == [2 + last, *[2] * 9, *[1] * 10]
    assert answer.time_to_convert.median_seconds == 19


def test_filters_are_about_every_event(world: World):
    """Also about what comes between in strict order."""
    walk(world, "one", "A 10:00:00", "B 10:00:02", path="/a")
    walk(world, "one", "X 10:00:01", path="/b")
    world.settle()
    only = read_filters('[{"name":"path","operator":"is","value":["/a"]}]')
    assert counts(ask(world, "A", "B", order="strict")) == [1, 0]
    assert counts(ask(world, "A", "B", order="strict", question={"condition": only})) == [1, 1]


def test_steps_by_what_belongs_to_the_session(world: World):
    world.see("one", "10:00", "/", utm_source="news")
    world.see("one", "10:01", "/buy")
    world.see("two", "10:00", "/")
    world.see("two", "10:01", "/buy")
    first = filtered("screen_view", ("utm_source", "is", "news"))
    assert counts(ask(world.settle(), first, filtered(None, ("path", "is", "/buy")))) == [1, 1]


# --- by value, over time, compared ---


def rows(answer: FunnelAnswer) -> dict[Any, list[int]]:
    assert isinstance(answer.breakdown, list)
    return {row.value: [step.count for step in row.steps] for row in answer.breakdown}


def test_by_value(world: World):
    for number in range(3):
        walk(world, f"de{number}", "A 10:00:00", "B 10:00:01", country="DE")
    walk(world, "moved", "A 10:00:00", country="DE")
    walk(world, "moved", "B 10:00:01", country="FR")
    walk(world, "fr", "A 10:00:00", country="FR")
    walk(world, "us", "A 10:00:00", "B 10:00:01", country="US")
    walk(world, "unknown", "A 10:00:00", "B 10:00:01")
    world.settle()
    every = ask(world, "A", "B", breakdown="country", limit=10)
    assert rows(every) == {"DE": [4, 3], "FR": [1, 0], "US": [1, 1], None: [1, 1]}
    assert next(iter(rows(every))) == "DE"
    first = ask(world, "A", "B", breakdown="country", attribution="first_step")
    assert rows(first) == {"DE": [4, 4], "FR": [1, 0], "US": [1, 1], None: [1, 1]}
    for attribution, others in (("every_step", [3, 2]), ("first_step", [3, 2])):
        few = ask(world, "A", "B", breakdown="country", limit=1, attribution=attribution)
        assert rows(few)["(other)"] == others
        assert isinstance(few.breakdown, list)
        assert [row.other for row in few.breakdown] == [False, True]


def test_over_time(world: World):
    """Whoever begins on two days is on both, and once in the whole."""
    walk(world, "one", "A 10:00:00", "A 2026-03-11T10:00:00", "B 2026-03-11T10:00:01")
    walk(world, "two", "A 23:00:00", "B 2026-03-11T10:00:00")
    world.settle()
    question = {"end": "2026-03-13"}
    answer = ask(world, "A", "B", trend="day", window_seconds=3600 * 12, question=question)
    assert counts(answer) == [2, 2]
    assert isinstance(answer.trend, list)
    assert [(point.date, point.counts, point.conversion_rate) for point in answer.trend] == [
        ("2026-03-10", [2, 1], 50),
        ("2026-03-11", [1, 1], 100),
        ("2026-03-12", [0, 0], 0),
    ]


def test_compared(world: World):
    walk(world, "one", "A 10:00:00", "A 2026-03-09T10:00:00", "B 2026-03-09T10:00:01")
    world.settle()
    before = Span(ms("2026-03-09T00:00"), ms("2026-03-10T00:00"))
    answer = ask(world, "A", "B", question={"compared": before})
    assert counts(answer) == [1, 0]
    assert isinstance(answer.previous, Struct)
    assert [step.count for step in answer.previous.steps] == [1, 1]
    assert isinstance(answer.change, Struct)
    assert answer.change.overall_conversion_rate == -1
    assert [step["count"] for step in answer.change.steps] == [0, -1]


def test_values_are_compared(world: World):
    """A value that nobody began with in the other span has nothing beside it."""
    for who, before, now in (("a", "DE", "DE"), ("b", "FR", "DE"), ("c", "FR", "NO")):
        walk(world, who, "A 2026-03-09T10:00:00", "B 2026-03-09T10:00:01", country=before)
        walk(world, who, "A 10:00:00", country=now)
    world.settle()
    before = Span(ms("2026-03-09T00:00"), ms("2026-03-10T00:00"))
    answer = ask(world, "A", "B", breakdown="country", limit=2, question={"compared": before})
    assert rows(answer) == {"DE": [2, 0], "NO": [1, 0], "(other)": [0, 0]}
    assert isinstance(answer.breakdown, list)
    previous = [row.previous and [step.count for step in row.previous.steps] for row in answer.breakdown]
    assert previous == [[1, 1], None, [2, 2]]
    assert [[step["count"] for step in row.change.steps] for row in answer.breakdown if row.change] == [
        [1, -1],
        [None, None],
        [-1, -1],
    ]


def test_buckets_are_compared(world: World):
    walk(world, "one", "A 10:00:00", "A 2026-03-09T10:00:00", "B 2026-03-09T10:00:01")
    world.settle()
    question = {"compared": Span(ms("2026-03-09T00:00"), ms("2026-03-10T00:00")), "end": "2026-03-12"}
    answer = ask(world, "A", "B", trend="day", question=question)
    assert isinstance(answer.trend, list)
    first, second = answer.trend
    assert first.previous is not UNSET
    assert first.previous is not None
    assert first.change is not UNSET
    assert (first.counts, first.previous.date, first.previous.counts) == ([1, 0], "2026-03-09", [1, 1])
    assert (first.change.counts, first.change.conversion_rate) == ([0, -1], -1)
    assert second.previous is None
    assert second.change is not UNSET
    assert (second.change.counts, second.change.conversion_rate) == ([None, None], None)


# --- the people behind ---


def behind(world: World, step: int, outcome: Any, **more: Any) -> list[FunnelPerson]:
    asked = read_funnel(given("A", "B", **more))
    found: list[FunnelPerson] = []
    after = None
    while True:
        page = people(world.store, world.ask(limit=2), asked, Behind(step, outcome), after)
        assert len(page.rows) <= 2
        found += page.rows
        if page.next_cursor is None:
            return found
        after = read_funnel_cursor(page.next_cursor)


def test_the_people_of_each_step(world: World):
    """Last begun first, those who began at once in some order, each of them once."""
    for number in range(5):
        walk(world, f"drop{number}", "A 10:00:00")
    walk(world, "late", "A 11:00:00")
    walk(world, "one", "A 10:00:00", "B 10:00:30")
    world.settle()
    assert len({row.visitor_id for row in behind(world, 1, "converted")}) == 7
    dropped = behind(world, 2, "dropped")
    assert len({row.visitor_id for row in dropped}) == len(dropped) == 6
    assert dropped[0].times == ["2026-03-10T11:00:00+00:00"]
    assert [row.times for row in behind(world, 2, "converted")] == [
        ["2026-03-10T10:00:00+00:00", "2026-03-10T10:00:30+00:00"]
    ]
    assert behind(world, 1, "dropped") == []


def test_the_sessions_and_groups_of_each_step(world: World):
    walk(world, "one", "A 10:00:00", "B 10:00:30", groups=["acme"], session_id="visit-1")
    walk(world, "two", "A 10:00:00", groups=["zoo"])
    world.settle()
    assert [row.session_id for row in behind(world, 2, "converted", by="session")] == ["visit-1"]
    others = [row.session_id for row in behind(world, 2, "dropped", by="session")]
    assert others == [session_name(world.project, node_of("two"), ms("10:00"))]
    assert [row.group for row in behind(world, 2, "dropped", by="group")] == ["zoo"]


def node_of(who: str) -> int:
    return int.from_bytes(who.encode().ljust(8, b"\0"), "big")


def test_values_with_rows_are_exactly_the_largest(world: World):
    world.store.command(
        """INSERT INTO events (project_id, timestamp, arrival, version, name, visitor, country)
SELECT {project:String}, '2026-03-10 10:00:00', number + 1, number + 1, 'A', number + 1,
    ['DE', 'FR', 'NO', 'SE'][number % 4 + 1]
FROM numbers(320000) WHERE number >= 40 OR number % 4 = 0""",
        {"project": world.project},
    )
    found = ask(world, "A", breakdown="country", limit=1)
    assert rows(found) == {"DE": [80_000], "(other)": [239_970]}
