import pytest
from msgspec import json, structs, to_builtins

from eventlens.errors import InvalidInput
from eventlens.insights.breakdowns import read_metrics
from eventlens.insights.dimensions_asked import read_dimensions
from eventlens.insights.query import (
    COMMON_PARAMETERS,
    INTERVAL,
    LIMIT,
    LIST_PARAMETERS,
    QueryParameter,
    check_names,
    meta_of,
    read_choice,
    read_question,
    read_text,
)
from tests.insights.world import World, ms

NAMES = tuple(parameter.name for parameter in (*LIST_PARAMETERS, INTERVAL))


def ask(world: World, **values: str):
    checked = check_names(list(values.items()), NAMES)
    return read_question(
        checked,
        store=world.store,
        project_id=world.project,
        project_zone="Europe/Berlin",
        now=ms("2026-03-10T12:00"),
        interval="interval" in values,
    )


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"rnage": "7d"}, "rnage", "range, startDate"),
        ({"range": ""}, "range", "empty"),
        ({"range": "8d"}, "range", "7d, 30d"),
        ({"range": "7d", "startDate": "2026-01-01"}, "range", "either"),
        ({"endDate": "2026-01-01"}, "startDate", "needs a startDate"),
        ({"startDate": "soon"}, "startDate", "ISO"),
        ({"timezone": "Mars"}, "timezone", "IANA"),
        ({"filters": "x"}, "filters", "JSON"),
        ({"compare": "never"}, "compare", "previous, year"),
        ({"exact": "yes"}, "exact", "true or false"),
        ({"limit": "0"}, "limit", "1 to 10000"),
        ({"limit": "10001"}, "limit", "1 to 10000"),
        ({"limit": "-1"}, "limit", "1 to 10000"),
        ({"limit": "1e3"}, "limit", "1 to 10000"),
        ({"limit": "٣"}, "limit", "1 to 10000"),
        ({"offset": "9" * 5000}, "offset", "0 to"),
        ({"interval": "second"}, "interval", "minute, hour"),
    ],
)
def test_what_is_refused(world: World, values: dict[str, str], field: str, message: str):
    with pytest.raises(InvalidInput, match=message) as refused:
        ask(world, **values)
    assert refused.value.field == field
    assert len(refused.value.message) < 1000


def test_given_twice():
    with pytest.raises(InvalidInput, match="twice") as refused:
        check_names([("limit", "1"), ("limit", "2")], ("limit",))
    assert refused.value.field == "limit"


def test_defaults(world: World):
    question = ask(world)
    assert (question.limit, question.offset, question.exact, question.interval) == (100, 0, False, None)
    meta = meta_of(question)
    assert (meta.from_, meta.to) == ("2026-03-04T00:00:00+01:00", "2026-03-11T00:00:00+01:00")
    assert (meta.timezone, meta.exact) == ("Europe/Berlin", True)


def test_all_begins_with_the_first_event(world: World):
    world.see("a", "2025-06-15T23:30", "/")
    world.see("b", "2025-06-16T00:30", "/")
    world.settle()
    assert meta_of(ask(world, range="all")).from_ == "2025-06-16T00:00:00+02:00"
    assert meta_of(ask(world, range="all", timezone="UTC")).from_ == "2025-06-15T00:00:00+00:00"


def test_people_are_looked_up_only_where_there_are_any(world: World):
    assert not ask(world).identified
    world.is_person("a", "b")
    assert ask(world).identified


def test_meta_repeats_the_question(world: World):
    meta = meta_of(ask(world, range="today", compare="previous", interval="hour"))
    assert meta.interval == "hour"
    compared = to_builtins(meta)["compare"]
    assert compared == {"from": "2026-03-09T00:00:00+01:00", "to": "2026-03-10T00:00:00+01:00"}


def test_meta_has_the_names_of_the_contract(world: World):
    meta = structs.replace(meta_of(ask(world, compare="year", interval="day")), next_cursor=None)
    names = ["projectId", "from", "to", "timezone", "interval", "exact", "compare", "next_cursor"]
    assert list(json.decode(json.encode(meta))) == names
    assert "next_cursor" not in json.decode(json.encode(meta_of(ask(world))))


def test_every_parameter_is_described():
    for parameter in (*COMMON_PARAMETERS, LIMIT, INTERVAL):
        assert parameter.description
        assert parameter.schema["type"] in {"string", "integer", "boolean"}


def test_choices_and_texts():
    mode = QueryParameter("mode", "", {"enum": ["a", "b"], "default": "a"})
    assert (read_choice({}, mode), read_choice({"mode": "b"}, mode)) == ("a", "b")
    with pytest.raises(InvalidInput, match="one of a, b"):
        read_choice({"mode": "c"}, mode)
    with pytest.raises(InvalidInput, match="is missing"):
        read_text({}, QueryParameter("dimension", "Which.", {"type": "string"}, required=True))


@pytest.mark.parametrize("text", ["", "pathh", "path,", "path,path", "path,country,city", "properties."])
def test_what_are_no_dimensions(text: str):
    with pytest.raises(InvalidInput) as refused:
        read_dimensions(text)
    assert refused.value.field == "dimension"


@pytest.mark.parametrize("text", ["", "visits", "bounce_rate,bounce_rate"])
def test_what_are_no_metrics(text: str):
    with pytest.raises(InvalidInput) as refused:
        read_metrics(text)
    assert refused.value.field == "metrics"
