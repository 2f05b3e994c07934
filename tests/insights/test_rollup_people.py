"""How wrong numbers of people may be that are merged from sets."""

from math import sqrt

import pytest

from eventlens.insights.rollups.people import EXACT_UP_TO, counted
from eventlens.store.base import Store

SIZES = (3_000, 15_000, 36_000, 39_000, 40_000, 41_000, 42_000, 45_000, 50_000, 65_000, 120_000)


def sets(store: Store, size: int, count: int) -> list[int]:
    """How many people are counted in some sets of a size, each merged from ten."""
    rows = store.query(
        f"""SELECT {counted("states")} FROM (
  SELECT intDiv(number, {{size:UInt64}}) AS of,
    uniqCombined64State(14)(cityHash64(number, 'people')) AS states
  FROM numbers({{all:UInt64}}) GROUP BY of, number % 10) GROUP BY of""",
        {"size": size, "all": size * count},
    ).rows
    return [found for (found,) in rows]


@pytest.mark.parametrize("size", SIZES)
def test_the_standard_error_is_below_one_percent(store: Store, size: int):
    found = sets(store, size, 80)
    assert min(found) > EXACT_UP_TO
    errors = [(counted - size) / size for counted in found]
    assert (
        sqrt(sum(error * error for error in errors) / len(errors)) < 0.012
    )  # 80 sets tell it within a tenth
    assert abs(sum(errors) / len(errors)) < 0.004
    assert max(map(abs, errors)) < 0.04


@pytest.mark.parametrize("size", [1, 16, 17, 300, EXACT_UP_TO, 512])
def test_few_people_are_counted_exactly(store: Store, size: int):
    assert set(sets(store, size, 20)) == {size}


@pytest.mark.parametrize("size", [513, 530, 600])
def test_more_people_than_that_are_never_taken_for_a_number_that_is_exact(store: Store, size: int):
    assert min(sets(store, size, 500)) > EXACT_UP_TO


def test_nobody_is_exactly_nobody(store: Store):
    sql = f"SELECT {counted('s')} FROM (SELECT uniqCombined64StateIf(14)(toUInt64(1), 0) AS s)"
    assert store.query(sql).rows == [(0,)]
