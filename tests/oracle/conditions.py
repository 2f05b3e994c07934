"""Filters, the slow way: one event at a time, written from docs/semantics.md; and random ones."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st

from tests.oracle.model import Event, referrer_of, source_of

Condition = Any
"""As it goes over the wire: {"name", "operator", "value"}, {"and": […]}, {"or": […]} or a list (and)."""


def holds(condition: Condition, event: Event) -> bool:
    """Whether one event matches."""
    if isinstance(condition, list):
        return all(holds(part, event) for part in condition)
    if "and" in condition:
        return all(holds(part, event) for part in condition["and"])
    if "or" in condition:
        return any(holds(part, event) for part in condition["or"])
    name, operator = condition["name"], condition["operator"]
    values = condition.get("value", [])
    if name == "group" and event.groups:
        test = NEGATED.get(operator) or TESTS[operator]
        return any(test(group, values, name) for group in event.groups) != (operator in NEGATED)
    text = text_of(name, event)
    if operator in {"is", "isNot"} and name.startswith("properties."):
        value = property_of(event, name)
        among = isinstance(value, list) and any(equals(as_text(each), values, "") for each in value)
        return (among or equals(text, values, name)) == (operator == "is")
    if operator in NEGATED:
        return not (NEGATED[operator](text, values, name))
    return TESTS[operator](text, values, name)


def text_of(name: str, event: Event) -> str:
    """A dimension's or property's text; '' where it is unknown."""
    if name.startswith("properties."):
        return as_text(property_of(event, name))
    return "" if name == "group" else FIELDS[name](event) or ""


def texts_of(name: str, event: Event) -> list[str]:
    """Its texts: one for each group, one of all else."""
    return list(event.groups) or [""] if name == "group" else [text_of(name, event)]


def property_of(event: Event, name: str) -> Any:
    """As it was sent; None where it was not."""
    properties, path = event.sent.properties or {}, name.removeprefix("properties.")
    value: Any = properties.get(path)
    if value is None and "." in path:
        value = properties
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
    return value


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def host_of_referrer(event: Event) -> str | None:
    return urlsplit(referrer_of(event) or "").hostname


FIELDS: dict[str, Callable[[Event], str | None]] = {
    "name": lambda event: event.sent.name,
    "path": lambda event: event.sent.path,
    "title": lambda event: event.sent.title,
    "device_id": lambda event: event.sent.device,
    "profile_id": lambda event: event.sent.profile,
    "session_id": lambda event: event.sent.session,
    "utm_source": source_of,
    "referrer_name": host_of_referrer,
}


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def equals(text: str, values: list[Any], name: str) -> bool:
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    texts += [str(int(value)) for value in numbers if value == int(value)]
    return text in texts or (name.startswith("properties.") and number(text) in numbers)


def one_of(test: Callable[[str, str], object]) -> Callable[[str, list[Any], str], bool]:
    return lambda text, values, _: any(test(text, value) for value in values)


def compares(test: Callable[[float, float], bool]) -> Callable[[str, list[Any], str], bool]:
    def compare(text: str, values: list[Any], _: str) -> bool:
        found = number(text)
        return found is not None and any(test(found, float(value)) for value in values)

    return compare


TESTS: dict[str, Callable[[str, list[Any], str], bool]] = {
    "is": equals,
    "contains": one_of(lambda text, value: value in text),
    "startsWith": one_of(str.startswith),
    "endsWith": one_of(str.endswith),
    "regex": one_of(lambda text, value: re.search(value, text, re.DOTALL)),
    "isNull": lambda text, _, __: text == "",
    "isNotNull": lambda text, _, __: text != "",
    "gt": compares(lambda found, value: found > value),
    "gte": compares(lambda found, value: found >= value),
    "lt": compares(lambda found, value: found < value),
    "lte": compares(lambda found, value: found <= value),
}
NEGATED = {"isNot": TESTS["is"], "doesNotContain": TESTS["contains"]}


# --- random ones ---

PROPERTIES: dict[str, tuple[Any, ...]] = {
    "plan": (
        "pro",
        "basic",
        10,
        2.5,
        -3,
        0,
        True,
        False,
        None,
        "",
        "10",
        "10.0",
        ["a", 1],
        {"b": "pro"},
        "Straße",
    ),
    "size": (1, 2, 10, 10.5, "10", "large"),
    "a.b": (1, "x"),
    "a": ({"b": 1}, {"b": "y", "c": {}}, {"c": True}, 7),
}
"""Key → values that events carry."""

NAMES = (
    *FIELDS,
    "group",
    "group",
    "properties.plan",
    "properties.plan",
    "properties.size",
    "properties.a.b",
    "properties.none",
)
WORDS = (
    "pro",
    "a",
    "/a",
    "/",
    "10",
    "screen",
    "ada",
    "phone",
    "news",
    "blog",
    "T",
    "visit-1",
    "Stra",
    '"b"',
    "e",
)
VALUES = (
    *WORDS,
    "10.0",
    "blog.example.net",
    "screen_view",
    "basic",
    "2.5",
    "true",
    10,
    10.0,
    2.5,
    True,
    False,
    0,
)
PATTERNS = ("^/a$", "^$", "[ab]", "o$", "^p.o", "1|2", "^[0-9.]+$", "(?i)PRO", "e.*e", ".", "\\d{2}")
NUMBERS = (10, 0, 2.5, -3, "10", 10.5)


@st.composite
def tests(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from((*TESTS, *NEGATED, "is", "isNot")))
    test: dict[str, Any] = {"name": draw(st.sampled_from(NAMES)), "operator": operator}
    if operator in {"isNull", "isNotNull"}:
        return test
    pool: tuple[Any, ...] = {
        "is": VALUES,
        "isNot": VALUES,
        "regex": PATTERNS,
        **dict.fromkeys(("gt", "gte", "lt", "lte"), NUMBERS),
    }.get(operator, WORDS)
    return {**test, "value": draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))}


conditions: st.SearchStrategy[Condition] = st.one_of(
    st.lists(tests(), min_size=1, max_size=2),
    st.recursive(
        tests(),
        lambda inner: st.builds(
            lambda joint, parts: {joint: parts},
            st.sampled_from(("and", "or")),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=5,
    ).map(lambda condition: condition if "operator" not in condition else [condition]),
)
"""Filters as a sender of questions may write them; at most five levels deep."""
