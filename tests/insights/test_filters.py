import json
from collections.abc import Callable

import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.explorer import events
from eventlens.insights.filters import Group, Test, read_filters
from eventlens.insights.totals import totals
from tests.insights.world import World

FILTER = '{"name":"path","operator":"is","value":["/a"]}'


def one(name: str, operator: str, *value: object) -> str:
    return json.dumps([{"name": name, "operator": operator, "value": list(value)}])


def matching(world: World, text: str) -> str:
    """Ids of the matching events, in the order in which they were seen."""
    return "".join(
        sorted(row.id for row in events(world.store, world.ask(condition=read_filters(text))).rows)
    )


@pytest.fixture(scope="module")
def paths(make_world: Callable[[], World]) -> World:
    world = make_world()
    for index, path in enumerate(["/", "/blog/one", "/blog/two", "/pricing", "", "/%_'\\?"]):
        world.see("a", f"10:0{index}", path, id=str(index), country=["DE", "AT"][index % 2])
    return world.settle()


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("is", ["/"], "0"),
        ("is", ["/", "/pricing", "/none"], "03"),
        ("is", ["/%_'\\?"], "5"),
        ("isNot", ["/"], "12345"),
        ("isNot", ["/", "/pricing"], "1245"),
        ("contains", ["blog", "ric"], "123"),
        ("contains", ["%"], "5"),
        ("contains", ["BLOG"], ""),
        ("doesNotContain", ["blog", "ric"], "045"),
        ("startsWith", ["/blog"], "12"),
        ("endsWith", ["one", "two"], "12"),
        ("regex", ["^/blog/(one|three)$", "^/$"], "01"),
        ("regex", ["(?i)BLOG"], "12"),
        ("isNull", [], "4"),
        ("isNotNull", [], "01235"),
        ("gt", [1], ""),
    ],
)
def test_operators(paths: World, operator: str, values: list[object], found: str):
    assert matching(paths, one("path", operator, *values)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", "012345"),
        ('[{"name":"path","operator":"isNotNull"},{"name":"country","operator":"is","value":["DE"]}]', "02"),
        ('{"or":[{"name":"path","operator":"is","value":["/"]},{"name":"path","operator":"isNull"}]}', "04"),
        ('{"and":[{"name":"path","operator":"is","value":["/"]},{"name":"path","operator":"isNull"}]}', ""),
        (
            '[{"or":[{"and":[' + FILTER.replace("/a", "/pricing") + "]},"
            '{"name":"path","operator":"startsWith","value":["/blog"]}]},'
            '{"name":"country","operator":"is","value":["AT"]}]',
            "13",
        ),
    ],
)
def test_joined(paths: World, text: str, found: str):
    assert matching(paths, text) == found


@pytest.fixture(scope="module")
def plans(make_world: Callable[[], World]) -> World:
    world = make_world()
    for index, sent in enumerate(
        [
            {"plan": "pro", "seats": 10, "active": True, "deep": {"key": "nested"}},
            {"plan": "free", "seats": 10.0, "active": False, "deep.key": "literal", "deep": {"key": "no"}},
            {"seats": "10", "active": None, "list": ["one", "two"]},
            {"seats": -1, "we'ird \"key\\": "x"},
            {"seats": "many", "text\twith\ntabs": "a\tb\nc"},
        ]
    ):
        world.see("a", f"10:0{index}", id=str(index), properties=json.dumps(sent))
    return world.settle()


@pytest.mark.parametrize(
    ("name", "operator", "values", "found"),
    [
        ("plan", "is", ["pro"], "0"),
        ("plan", "isNot", ["pro"], "1234"),
        ("plan", "isNull", [], "234"),
        ("seats", "is", [10], "012"),
        ("seats", "is", ["10"], "012"),
        ("seats", "gt", [9], "012"),
        ("seats", "gte", ["10"], "012"),
        ("seats", "lt", [10], "3"),
        ("seats", "lte", [-1, 3], "3"),
        ("seats", "lt", [10, 11], "0123"),
        ("active", "is", [True], "0"),
        ("active", "is", [False], "1"),
        ("active", "isNull", [], "234"),
        ("deep.key", "is", ["literal", "nested"], "01"),
        ("deep.other", "isNull", [], "01234"),
        ("list", "contains", ["two"], "2"),
        ("we'ird \"key\\", "is", ["x"], "3"),
        ("text\twith\ntabs", "is", ["a\tb\nc"], "4"),
    ],
)
def test_properties(plans: World, name: str, operator: str, values: list[object], found: str):
    assert matching(plans, one(f"properties.{name}", operator, *values)) == found


ODD = [
    "a.b",
    "a",
    "a b",
    'say "hi"',
    "it's",
    "\\",
    "{p0:String}",
    "') OR 1=1 --",
    "ключ",
    "[x",
    "1",
    "a,b",
    "%",
]


@pytest.mark.parametrize("key", ODD)
def test_keys_are_values_never_sql(world: World, key: str):
    """Whatever is a key can be asked for, and is found where it is and nowhere else."""
    for index, sent in enumerate([{key: "x"}, {f"{key}_": "x"}, {key: {key: 5}}, {}]):
        world.see("a", f"10:0{index}", id=str(index), properties=json.dumps(sent))
    world.settle()
    exact = "properties." + json.dumps([key])
    assert matching(world, one(exact, "is", "x")) == "0"
    assert matching(world, one(exact, "isNotNull")) == "02"
    assert matching(world, one("properties." + json.dumps([key, key]), "lte", 5)) == "2"
    if not key.startswith("["):
        assert matching(world, one(f"properties.{key}", "is", "x")) == "0"
    assert matching(world, json.dumps([{"name": exact, "operator": "regex", "value": ["x|5"]}])) == "02"


def test_whatever_can_be_sent_can_be_asked_for(world: World):
    """Names of 128 characters, 20 levels deep."""
    path = [f"{level:02}" + "k" * 126 for level in range(20)]
    value: object = 5
    for key in reversed(path):
        value = {key: value}
    world.see("a", "10:00", id="0", properties=json.dumps(value))
    assert matching(world.settle(), one(f"properties.{json.dumps(path)}", "gt", 4)) == "0"


def test_paths_of_keys_are_exact(world: World):
    for index, sent in enumerate(
        [{"a.b": {"c": 1}}, {"a": {"b": {"c": 1}}}, {"a.b.c": 1}, {"a": {"b.c": 1}}, {"a": {"b": {"c.d": 1}}}]
    ):
        world.see("a", f"10:0{index}", id=str(index), properties=json.dumps(sent))
    world.settle()
    assert matching(world, one('properties.["a.b","c"]', "is", 1)) == "0"
    assert matching(world, one('properties.["a","b","c"]', "is", 1)) == "1"
    assert matching(world, one('properties.["a.b.c"]', "is", 1)) == "2"
    assert matching(world, one("properties.a.b.c", "is", 1)) == "12"


@pytest.mark.parametrize(
    "name", ["[", "[]", '[""]', "[1]", '["a"', '["a"]x', "", "x" * 201, "[" * 150, f'["{"x" * 3000}"]']
)
def test_what_is_no_key(name: str):
    with pytest.raises(InvalidInput) as refused:
        read_filters(one(f"properties.{name}", "is", "x"))
    assert (refused.value.field or "").startswith("filters/0")


TYPED = [
    {"v": 5},
    {"v": 5.0},
    {"v": "5"},
    {"v": True},
    {"v": "true"},
    {"v": None},
    {},
    {"v": ["5", "x", None, 2.5, True, ["deep"], {"k": 1}]},
    {"v": [5]},
    {"v": {"w": 5}},
    {"v": "inf"},
    {"v": "[5]"},
    {"v": ""},
    {"v": []},
    {"v": -1e3},
    {"v": 0.1},
]


@pytest.fixture(scope="module")
def typed(make_world: Callable[[], World]) -> World:
    world = make_world()
    for index, sent in enumerate(TYPED):
        world.see("a", f"10:{index:02}", id=chr(ord("A") + index), properties=json.dumps(sent))
    return world.settle()


@pytest.mark.parametrize(
    ("name", "operator", "values", "found"),
    [
        ("v", "is", [5], "ABCHI"),
        ("v", "is", [5.0], "ABCHI"),
        ("v", "is", ["5"], "ABCHI"),
        ("v", "is", [True], "DEH"),
        ("v", "is", ["true"], "DEH"),
        ("v", "is", ["x"], "H"),
        ("v", "is", [2.5], "H"),
        ("v", "is", ["deep"], ""),
        ("v", "is", [-1000], "O"),
        ("v", "is", [0.1], "P"),
        ("v", "is", ["inf"], "K"),
        ("v", "is", ["[5]"], "IL"),
        ("v", "is", ["[]"], "N"),
        ("v", "isNot", [5, True], "FGJKLMNOP"),
        ("v", "isNull", [], "FGM"),
        ("v", "isNotNull", [], "ABCDEHIJKLNOP"),
        ("v", "gt", [1], "ABC"),
        ("v", "gte", [5], "ABC"),
        ("v", "lt", [5], "OP"),
        ("v", "lte", ["0.1"], "OP"),
        ("v", "lt", [-1e3], ""),
        ("v.w", "is", [5], "J"),
        ("v.w", "gt", [4.5], "J"),
        ("v.w", "isNull", [], "ABCDEFGHIKLMNOP"),
        ("v", "contains", ["ee"], "H"),
    ],
)
def test_types(typed: World, name: str, operator: str, values: list[object], found: str):
    assert matching(typed, one(f"properties.{name}", operator, *values)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["buy now"], "013"),
        (["buy now", "nowhere"], "0134"),
        (["buy now", True], "013"),
        (["1e21"], ""),
        (["über uns"], "5"),
        (['say "hi"'], "6"),
    ],
)
def test_texts_are_found_wherever_they_stand(typed_texts: World, values: list[object], found: str):
    assert matching(typed_texts, one("properties.v", "is", *values)) == found


@pytest.fixture(scope="module")
def typed_texts(make_world: Callable[[], World]) -> World:
    world = make_world()
    sent = [
        {"v": "buy now"},
        {"v": ["x", "buy now"]},
        {"v": "buy nowhere", "w": "buy now"},
        {"v": "buy now", "w": {"v": "other"}},
        {"v": ["nowhere"]},
        {"v": "über uns"},
        {"v": 'say "hi"'},
        {"v": {"v": "buy now"}},
    ]
    for index, each in enumerate(sent):
        world.see("a", f"10:0{index}", id=str(index), properties=json.dumps(each))
    return world.settle()


def test_members_of_arrays_under_a_name_with_dots(world: World):
    sent = [
        {"a.b": ["x"]},
        {"a": {"b": ["x"]}},
        {"a.b": "y", "a": {"b": ["x"]}},
        {"a.b": None, "a": {"b": ["x"]}},
    ]
    for index, each in enumerate(sent):
        world.see("a", f"10:0{index}", id=str(index), properties=json.dumps(each))
    assert matching(world.settle(), one("properties.a.b", "is", "x")) == "013"


def test_revenue_is_a_number(world: World):
    for index, revenue in enumerate([None, 0, 999, 10_000]):
        world.see("a", f"10:0{index}", id=str(index), revenue=revenue)
    world.settle()
    assert matching(world, one("revenue", "gte", 999)) == "23"
    assert matching(world, one("revenue", "is", 10_000)) == "3"
    assert matching(world, one("revenue", "isNull")) == "0"


def test_events_sessions_and_visitors(world: World):
    world.see("a", "10:00", "/")
    world.see("a", "10:10", "/pricing")
    world.see("a", "15:00", "/")
    world.see("b", "10:00", "/")
    found = totals(world.settle().store, world.ask(condition=read_filters(one("path", "is", "/pricing"))))
    assert (found.total_events, found.unique_visitors, found.total_sessions) == (1, 1, 1)
    assert (found.avg_session_duration, found.bounce_rate, found.views_per_session) == (600, 0, 2)
    negated = totals(world.store, world.ask(condition=read_filters(one("path", "isNot", "/"))))
    assert negated == found


def test_the_matching_event_of_a_session_may_lie_after_the_span(world: World):
    world.see("a", "2026-03-10T23:50", "/")
    world.see("a", "2026-03-11T00:10", "/pricing")
    world.see("b", "2026-03-09T23:50", "/pricing")
    world.see("b", "2026-03-10T00:10", "/pricing")
    found = totals(world.settle().store, world.ask(condition=read_filters(one("path", "is", "/pricing"))))
    assert (found.total_sessions, found.total_events, found.unique_visitors) == (1, 1, 1)


def test_an_event_may_join_a_session_after_its_end(world: World):
    world.see("a", "2026-03-10T23:50", "/")
    world.settle()
    late = world.see("a", "2026-03-11T00:15", name="paid")
    late["session_start"] = world.ask("2026-03-10T23:50").span.start
    world.insert("events", [late])
    condition = read_filters(one("name", "is", "paid"))
    assert totals(world.store, world.ask(condition=condition)).total_sessions == 1


def test_what_belongs_to_the_session(world: World):
    world.see("a", "10:00", "/", utm_source="news")
    world.see("a", "10:10", "/pricing")
    world.see("b", "10:00", "/")
    condition = read_filters(one("utm_source", "is", "news"))
    found = totals(world.settle().store, world.ask(condition=condition))
    assert (found.total_events, found.total_sessions, found.unique_visitors) == (2, 1, 1)


def test_rewritten_events_count_as_they_are_now(world: World):
    event = world.see("a", "10:00", "/", utm_source="old")
    world.settle()
    world.insert("events", [{**event, "version": event["version"] + 1, "utm_source": "new"}])
    for source, count in (("old", 0), ("new", 1)):
        condition = read_filters(one("utm_source", "is", source))
        assert totals(world.store, world.ask(condition=condition)).total_events == count
        both = read_filters(json.dumps([json.loads(one("utm_source", "is", source))[0],
                                        json.loads(one("path", "is", "/"))[0]]))  # fmt: skip
        assert totals(world.store, world.ask(condition=both)).total_events == count


def nested(depth: int) -> str:
    return '[{"or":' * depth + f"[{FILTER}]" + "}]" * depth


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("", "filters", "not JSON"),
        ("{", "filters", "not JSON"),
        ("[" * 100_000, "filters", "not JSON"),
        ('"x"', "filters", "JSON array"),
        ("{}", "filters", "JSON array"),
        ('{"and":[],"or":[]}', "filters", "JSON array"),
        ("[1]", "filters/0", "object"),
        ('[{"and":[]}]', "filters/0", "at least one"),
        ('[{"or":{}}]', "filters/0", "at least one"),
        ('[{"or":[1]}]', "filters/0/or/0", "object"),
        (nested(5), "filters/0/or/0/or/0/or/0/or/0/or", "at most 5 deep"),
        (f"[{','.join([FILTER] * 51)}]", "filters/50", "At most 50"),
        (
            '[{"name":"path","operator":"is","value":["a"],"id":1}]',
            "filters/0/id",
            "name, operator and value",
        ),
        ('[{"operator":"is","value":["a"]}]', "filters/0/name", "Unknown name"),
        ('[{"name":["path"],"operator":"is","value":["a"]}]', "filters/0/name", "Unknown name"),
        (one("pathh", "is", "a"), "filters/0/name", "path, origin"),
        (one("events.path", "is", "a"), "filters/0/name", "Unknown name"),
        (one("properties.", "is", "a"), "filters/0/name", "1 to 200"),
        (one("properties." + "x" * 201, "is", "a"), "filters/0/name", "1 to 200"),
        (one("cohort", "is", "a"), "filters/0/value/0", "cannot be named here"),
        (one("profile.", "is", "a"), "filters/0/name", "1 to 200"),
        (one("path", "equals", "a"), "filters/0/operator", "isNotNull, gt"),
        ('[{"name":"path","value":["a"]}]', "filters/0/operator", "Unknown operator"),
        ('[{"name":"path","operator":{},"value":["a"]}]', "filters/0/operator", "Unknown operator"),
        ('[{"name":"path","operator":"is"}]', "filters/0/value", "at least one"),
        ('[{"name":"path","operator":"is","value":"a"}]', "filters/0/value", "JSON array"),
        (one("path", "is"), "filters/0/value", "at least one"),
        (one("path", "is", None), "filters/0/value/0", "a text, a number"),
        (one("path", "is", "a", []), "filters/0/value/1", "a text, a number"),
        (one("path", "is", ""), "filters/0/value/0", "isNull"),
        (one("path", "is", "x" * 2001), "filters/0/value/0", "2000"),
        (one("path", "is", *range(501)), "filters/0/value", "500"),
        (one("path", "is", 10**400), "filters", "a text, a number|not JSON"),
        (one("path", "isNull", "a"), "filters/0/value", "no value"),
        (one("path", "gt", "ten"), "filters/0/value/0", "number"),
        (one("path", "gt", "nan"), "filters/0/value/0", "number"),
        (one("path", "lt", True), "filters/0/value/0", "number"),
        (one("path", "regex", "("), "filters/0/value/0", "RE2"),
        (one("path", "regex", "(?=x)"), "filters/0/value/0", "RE2"),
        (one("path", "regex", "(a{1000}){1000}"), "filters/0/value/0", "RE2"),
        (one("path", "regex", "x" * 501), "filters/0/value/0", "500"),
        (one("path", "regex", 5), "filters/0/value/0", "500"),
    ],
)
def test_what_is_no_filter(text: str, field: str, message: str):
    with pytest.raises(InvalidInput, match=message) as refused:
        read_filters(text)
    assert refused.value.field.startswith(field)


@pytest.mark.parametrize(
    "value", ["\0", "a\0b", "\ud7ff", "😀", "\\", "'", "{p0:String}", "\x01\x7f", "\\N", "\n\r\b\f"]
)
@pytest.mark.parametrize("operator", ["is", "contains", "startsWith"])
def test_strange_texts_find_themselves(world: World, value: str, operator: str):
    world.see("a", "10:00", id="0", title=value, properties=json.dumps({value: value}))
    world.see("a", "10:00", id="1", title="x", properties="{}")
    world.settle()
    assert matching(world, one("title", operator, value)) == "0"


def test_conditions_are_values():
    assert read_filters(f"[{FILTER}]") == Group(every=True, parts=(Test("path", "is", ("/a",)),))
    assert read_filters(nested(4)) is not None
    assert read_filters("[]") is None


def test_as_many_values_as_are_allowed(paths: World):
    values = [f"{index}{'é' * 1990}" for index in range(499)]
    assert matching(paths, one("path", "is", *values, "/")) == "0"
    assert matching(paths, one("path", "isNot", *values, "/")) == "12345"
