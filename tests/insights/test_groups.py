"""Groups as a dimension: an event has all of its groups."""

import json
from collections.abc import Callable

import pytest
from msgspec import to_builtins

from eventlens.errors import InvalidInput, NotFound
from eventlens.events import AssignGroup
from eventlens.events import Group as SentGroup
from eventlens.insights.breakdowns import breakdown
from eventlens.insights.explorer import events
from eventlens.insights.filters import Test, read_filters
from eventlens.insights.groups import group, groups
from eventlens.insights.totals import totals
from tests.insights.world import World
from tests.support.pipeline import NOW, Pipeline


@pytest.fixture(scope="module")
def grouped(make_world: Callable[[], World]) -> World:
    world = make_world()
    for index, (who, its_groups) in enumerate(
        [("a", ["acme", "beta"]), ("a", []), ("b", ["beta"]), ("c", []), ("d", ['it\'s "odd"', "acme"])]
    ):
        world.see(who, f"10:0{index}", "/", id=str(index), groups=its_groups, country=["DE", "AT"][index % 2])
    return world.settle()


def matching(world: World, operator: str, *value: object, name: str = "group") -> str:
    text = json.dumps([{"name": name, "operator": operator, "value": list(value)}])
    return "".join(
        sorted(row.id for row in events(world.store, world.ask(condition=read_filters(text))).rows)
    )


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("is", ["acme"], "04"),
        ("is", ["acme", "beta"], "024"),
        ("isNot", ["acme"], "123"),
        ("isNot", ["acme", "beta"], "13"),
        ("contains", ["et", "odd"], "024"),
        ("doesNotContain", ["cm"], "123"),
        ("startsWith", ["be"], "02"),
        ("endsWith", ['"odd"'], "4"),
        ("regex", ["^(acme|x)$"], "04"),
        ("isNull", [], "13"),
        ("isNotNull", [], "024"),
        ("gt", [1], ""),
    ],
)
def test_operators(grouped: World, operator: str, values: list[object], found: str):
    assert matching(grouped, operator, *values) == found


METRICS = ("unique_visitors", "total_sessions", "total_events", "avg_session_duration", "bounce_rate")


@pytest.mark.parametrize("metrics", [METRICS, ("total_events", "total_sessions")])
def test_a_row_is_the_answer_to_a_filter_on_its_group(grouped: World, metrics: tuple[str, ...]):
    rows = breakdown(grouped.store, grouped.ask(), ("group",), metrics)
    assert {row["values"][0] for row in rows} == {"acme", "beta", 'it\'s "odd"', None}
    for row in rows:
        (group,) = row["values"]
        condition = Test("group", "is", (group,)) if group else Test("group", "isNull")
        whole = totals(grouped.store, grouped.ask(condition=condition))
        assert {name: row[name] for name in metrics} == {name: getattr(whole, name) for name in metrics}


def test_with_a_second_dimension_and_a_filter(grouped: World):
    condition = read_filters('[{"name":"group","operator":"is","value":["acme"]}]')
    question = grouped.ask(condition=condition, identified=True)
    rows = breakdown(grouped.store, question, ("country", "group"), ("total_events",))
    assert [(*row["values"], row["total_events"]) for row in rows] == [
        ("DE", "acme", 2),
        ("DE", "beta", 1),
        ("DE", 'it\'s "odd"', 1),
    ]


@pytest.fixture
def pipeline(store) -> Pipeline:
    return Pipeline(store)


def company(id_: str, name: str, at: int, **properties: object) -> SentGroup:
    encoded = {key: json.dumps(value).encode() for key, value in properties.items()}
    return SentGroup(id_, "company", name, at, properties=encoded)


def test_of_a_group_the_newest_counts_property_by_property(pipeline: Pipeline):
    pipeline.send(company("acme", "Acme Inc", NOW, plan="pro", seats=5))
    pipeline.send(company("acme", "Acme", NOW - 1, plan="free", since=[2020, None]))
    pipeline.send(AssignGroup("ada", ("acme", "bare"), NOW), AssignGroup("ada", ("acme",), NOW + 1))
    pipeline.send(AssignGroup("", ("acme",), NOW, device_id="phone"))
    detail = group(pipeline.store, pipeline.project, "acme").data
    assert to_builtins(detail) == {
        "id": "acme",
        "type": "company",
        "name": "Acme Inc",
        "members": 2,
        "properties": {"plan": "pro", "seats": 5, "since": [2020, None]},
    }
    bare = group(pipeline.store, pipeline.project, "bare").data
    assert (bare.type, bare.name, bare.members, bare.properties) == (None, None, 1, {})


def test_the_list_of_groups(pipeline: Pipeline, store):
    pipeline.send(*(company(f"g{n}", f"Name {n}", NOW + n) for n in range(5)), company("g0", "New", NOW + 9))
    pipeline.send(AssignGroup("ada", ("g1", "only assigned"), NOW))
    rows = groups(store, pipeline.project, 100, 0).data
    assert [(row.id, row.name, row.members) for row in rows] == [
        ("g0", "New", 0),
        ("g1", "Name 1", 1),
        ("g2", "Name 2", 0),
        ("g3", "Name 3", 0),
        ("g4", "Name 4", 0),
        ("only assigned", None, 1),
    ]
    assert [row.id for row in groups(store, pipeline.project, 2, 1).data] == ["g1", "g2"]


def test_groups_of_other_projects_are_not_found(pipeline: Pipeline, store):
    pipeline.send(company("acme", "Acme", NOW))
    other = Pipeline(store)
    assert groups(store, other.project, 100, 0).data == []
    with pytest.raises(NotFound):
        group(store, other.project, "acme")


def test_revenue_adds_up_by_currency_alone(world: World):
    for index, (amount, currency) in enumerate(
        [(1999, "EUR"), (1, "EUR"), (500, "USD"), (None, ""), (2**62, "XXX")]
    ):
        world.see("a", f"10:0{index}", revenue=amount, currency=currency, country="DE", groups=["g"])
        if amount == 2**62:
            world.see("a", "10:30", revenue=amount, currency=currency, country="DE", groups=["g"])
    world.settle()
    rows = breakdown(world.store, world.ask(), ("currency", "group"), ("revenue", "total_sessions"))
    assert [(row["values"][0], row["revenue"]) for row in rows] == [
        ("XXX", 2**63),
        ("EUR", 2000),
        ("USD", 500),
        (None, 0),
    ]
    with pytest.raises(InvalidInput) as refused:
        breakdown(world.store, world.ask(), ("country",), ("revenue",))
    assert refused.value.field == "metrics"
