"""Formulas: what they come to, and where they are wrong."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlens.errors import InvalidInput
from eventlens.insights.formulas import FUNCTIONS, Line, parse

A = Line(10, (1, 2, 3, 4))
B = Line(4, (0, 1, 2, None))


def reckon(text: str, **lines: Line) -> list[Any]:
    """The total and the points."""
    given = lines or {"A": A, "B": B}
    line = parse(text, frozenset(given), "expression").evaluate(given, 4)
    return [line.total, *line.points]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A", [10, 1, 2, 3, 4]),
        ("(A / B) * 100", [250, None, 200, 150, None]),
        ("A - B - 1", [5, 0, 0, 0, None]),
        ("A / 2 / 5", [1, 0.1, 0.2, 0.3, 0.4]),
        ("1 + 2 * A", [21, 3, 5, 7, 9]),
        ("-A ^ 2", [-100, -1, -4, -9, -16]),
        ("2 ^ 3 ^ 2", [512] * 5),
        ("2 ^ -1", [0.5] * 5),
        ("--A", [10, 1, 2, 3, 4]),
        ("0 ^ -1", [None] * 5),
        ("(0 - 8) ^ 0.5", [None] * 5),
        ("1e300 * 1e300", [None] * 5),
        ("10 ^ 400", [None] * 5),
        (".5+1.", [1.5] * 5),
        ("abs(2 - A)", [8, 1, 0, 1, 2]),
        ("round(A / 3)", [3, 0, 1, 1, 1]),
        ("round(A / 8, 2)", [1.25, 0.13, 0.25, 0.38, 0.5]),
        ("round(0 - 2.5)", [-3] * 5),
        ("round(1.005, 2)", [1.01] * 5),
        ("round(1e300, 10)", [1e300] * 5),
        ("floor(A / 4)", [2, 0, 0, 0, 1]),
        ("ceil(A / 4)", [3, 1, 1, 1, 1]),
        ("sqrt(A - 2)", [math.sqrt(8), None, 0, 1, math.sqrt(2)]),
        ("min(A, 2)", [2, 1, 2, 2, 2]),
        ("max(A, B, 3)", [10, 3, 3, 3, None]),
        ("coalesce(A / B, 7)", [2.5, 7, 2, 1.5, 7]),
        ("total(A)", [10] * 5),
        ("A / total(A)", [1, 0.1, 0.2, 0.3, 0.4]),
        ("cumulative(A)", [10, 1, 3, 6, 10]),
        ("cumulative(B)", [4, 0, 1, 3, 3]),
        ("moving_average(A, 2)", [10, 1, 1.5, 2.5, 3.5]),
        ("moving_average(B, 2)", [4, 0, 0.5, 1.5, 2]),
        ("moving_average(B, 1)", [4, 0, 1, 2, None]),
    ],
)
def test_values(text: str, wanted: list[Any]):
    assert reckon(text) == [each if each is None else pytest.approx(each) for each in wanted]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A +", "Expected a number, a name or '(' instead of the end at character 4."),
        ("A B", "Expected an operator instead of 'B' at character 3."),
        ("(A", "Expected ')' instead of the end at character 3."),
        ("A)", "Expected an operator instead of ')' at character 2."),
        ("()", "Expected a number, a name or '(' instead of ')' at character 2."),
        ("A $ B", "Unexpected '$' at character 3."),
        ("A.b", "Unexpected '.' at character 2."),
        ("1.2.3", "Expected an operator instead of '.3' at character 4."),
        ("  C ", "Unknown name 'C' (one of A, B) at character 3."),
        ("a", "Unknown name 'a' (one of A, B) at character 1."),
        ("abs", "abs is a function and needs '(' after it at character 1."),
        ("abs()", "abs takes 1 argument, not 0, at character 1."),
        ("1 + max(A)", "max takes 2 to 10 arguments, not 1, at character 5."),
        ("abs(A, B)", "abs takes 1 argument, not 2, at character 1."),
        ("abs(A B)", "Expected ',' instead of 'B' at character 7."),
        ("round(A, B)", "Expected a whole number from 0 to 10 at character 10."),
        ("round(A, 11)", "Expected a whole number from 0 to 10 at character 10."),
        ("moving_average(A, 0)", "Expected a whole number from 1 to 400 at character 19."),
        ("1e999", "This number is too large at character 1."),
        ("A ** B", "Expected a number, a name or '(' instead of '*' at character 4."),
        ("\u0661", "Unexpected '\u0661' at character 1."),
        ("", "A formula has 1 to 500 characters."),
        ("A" * 501, "A formula has 1 to 500 characters."),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str):
    with pytest.raises(InvalidInput) as error:
        parse(text, frozenset("AB"), "formulas/0/expression")
    assert (error.value.message, error.value.field) == (message, "formulas/0/expression")


def test_functions_name_all_there_are():
    with pytest.raises(InvalidInput, match=f"one of {', '.join(FUNCTIONS)}"):
        parse("__import__(A)", frozenset("A"), "expression")


@pytest.mark.parametrize("text", ["(" * 200 + "A" + ")" * 200, "-" * 400 + "A", "2^" * 200 + "A"])
def test_depth_is_bounded(text: str):
    with pytest.raises(InvalidInput, match="nests at most 30 deep"):
        parse(text, frozenset("A"), "expression")


@given(st.text("AB0123456789.+-*/^(), absmintoalround_ave", max_size=60) | st.text(max_size=20))
def test_any_text_is_a_formula_or_refused(text: str):
    """And whatever it comes to is null or finite."""
    try:
        found = reckon(text)
    except InvalidInput as error:
        assert error.field == "expression"  # noqa: PT017  # both outcomes are right
        return
    assert all(each is None or math.isfinite(each) for each in found)


def _tree(children: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(st.sampled_from("+-*/"), children, children).map(
        lambda node: (f"({node[1][0]} {node[0]} {node[2][0]})", (node[0], node[1][1], node[2][1]))
    )


def _slow(tree: Any, values: dict[str, float]) -> float | None:
    """The same tree by Python's own arithmetic."""
    if isinstance(tree, str):
        return values.get(tree) if tree in values else float(tree)
    sign, left, right = tree[0], _slow(tree[1], values), _slow(tree[2], values)
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    value = {"+": left + right, "-": left - right, "*": left * right}.get(sign)
    value = left / right if value is None else value
    return value if math.isfinite(value) else None


@given(
    st.recursive(st.sampled_from(["A", "B", "2", "0", "0.5"]).map(lambda leaf: (leaf, leaf)), _tree),
    st.floats(-1e9, 1e9),
    st.floats(-10, 10),
)
def test_arithmetic_is_that_of_python(tree: tuple[str, Any], one: float, other: float):
    text, shape = tree
    if len(text) > 500:
        return
    lines = {"A": Line(one, ()), "B": Line(other, ())}
    try:
        found = parse(text, frozenset("AB"), "expression").evaluate(lines, 0).total
    except InvalidInput as error:
        assert "deep" in error.message  # noqa: PT017  # both outcomes are right
        return
    assert found == _slow(shape, {"A": one, "B": other})
