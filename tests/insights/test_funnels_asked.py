"""What a funnel's body may say, and the field that is named when it may not."""

from typing import Any

import pytest

from eventlens.errors import InvalidInput
from eventlens.insights.funnels_asked import ExcludeItem, Given, StepItem, overlapping, read_funnel


def body(steps: int = 3, **more: Any) -> Given:
    return Given(steps=[StepItem(name="A")] * steps, **more)


A_FILTER = {"name": "path", "operator": "is", "value": ["/a"]}
WRONG: dict[str, tuple[Given, str]] = {
    "no steps": (body(0), "steps"),
    "fifty steps": (body(50), "steps"),
    "a nameless name": (Given(steps=[StepItem(name="")]), "steps/0/name"),
    "a long name": (Given(steps=[StepItem(name="A"), StepItem(name="x" * 2001)]), "steps/1/name"),
    "a filter's name": (
        Given(steps=[StepItem(filters=[{**A_FILTER, "name": "pth"}])]),
        "steps/0/filters/0/name",
    ),
    "a filter's operator": (
        Given(steps=[StepItem(filters=[{**A_FILTER, "operator": "="}])]),
        "steps/0/filters/0/operator",
    ),
    "order": (body(order="sorted"), "order"),
    "by": (body(by="device"), "by"),
    "no time": (body(window_seconds=0), "windowSeconds"),
    "time back": (body(window_seconds=-1), "windowSeconds"),
    "centuries": (body(window_seconds=10**12), "windowSeconds"),
    "exclusion of nothing": (body(exclude=[ExcludeItem()]), "exclude/0/name"),
    "many exclusions": (body(exclude=[ExcludeItem(name="x")] * 21), "exclude"),
    "from 0": (body(exclude=[ExcludeItem(name="x", from_=0)]), "exclude/0/from"),
    "from the last step": (body(exclude=[ExcludeItem(name="x", from_=3)]), "exclude/0/from"),
    "to before from": (body(exclude=[ExcludeItem(name="x", from_=2, to=1)]), "exclude/0/to"),
    "to where it is from": (body(exclude=[ExcludeItem(name="x", from_=2, to=2)]), "exclude/0/to"),
    "to after the last step": (body(exclude=[ExcludeItem(name="x", to=4)]), "exclude/0/to"),
    "between what": (body(1, exclude=[ExcludeItem(name="x")]), "exclude/0"),
    "between steps in any order": (
        body(order="any", exclude=[ExcludeItem(name="x", to=2)]),
        "exclude/0/from",
    ),
    "dimension": (body(breakdown="colour"), "breakdown"),
    "two dimensions": (body(breakdown="country,city"), "breakdown"),
    "attribution": (body(breakdown="country", attribution="last"), "breakdownAttribution"),
    "the first of several groups": (
        body(breakdown="group", attribution="first_step"),
        "breakdownAttribution",
    ),
    "the first of several cohorts": (
        body(breakdown="cohort", attribution="first_step"),
        "breakdownAttribution",
    ),
    "no values": (body(limit=0), "limit"),
    "many values": (body(limit=101), "limit"),
    "interval": (body(trend="year"), "trend"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case: str):
    given, field = WRONG[case]
    with pytest.raises(InvalidInput) as refused:
        read_funnel(given)
    assert refused.value.field == field


def test_defaults_and_bounds():
    asked = read_funnel(body(20, exclude=[ExcludeItem(name="x")] * 20))
    assert (asked.window, asked.by, asked.order) == (86_400_000, "visitor", "ordered")
    assert {(each.first, each.last) for each in asked.exclusions} == {(1, 20)}
    assert read_funnel(body(1, window_seconds=None)).window is None


def test_which_steps_an_event_may_be():
    def on(name: str | None, path: str, operator: str = "is") -> StepItem:
        return StepItem(name=name, filters=[{"name": "path", "operator": operator, "value": [path]}])

    items = [on("view", "/a"), on("view", "/b"), StepItem(name="click"), on("view", "/a"), on("click", "/")]
    assert overlapping(read_funnel(Given(steps=items)).steps) == [[[0, 3]], [[1]], [[2], [4]]]
    items = [on("view", "/a"), on("view", "/b"), StepItem(), on("click", "/a", "contains")]
    assert overlapping(read_funnel(Given(steps=items)).steps) == [[[0], [1], [2], [3]]]
