"""How wrong numbers of people may be that are merged from sets."""

from math import sqrt

import pytest

from eventlens.insights.rollups.people import counted, exactly
from eventlens.store.base import Store

SIZES = (3_000, 15_000, 36_000, 39_000, 40_000, 41_000, 42_000, 45_000, 50_000, 65_000, 120_000)


def sets(store: Store, size: int, count: int) -> list[tuple[int, int]]:
    """(how many people are counted, whether that is exact) of some sets of a size, each merged from ten."""
    rows = store.query(
        f"""SELECT {counted("states")}, {exactly("states")} FROM (
  SELECT intDiv(number, {{size:UInt64}}) AS of,
    uniqCombined64State(14)(cityHash64(number, 'people')) AS states
  FROM numbers({{all:UInt64}}) GROUP BY of, number % 10) GROUP BY of""",
        {"size": size, "all": size * count},
    ).rows
    return [(found, exact) for found, exact in rows]


@pytest.mark.parametrize("size", SIZES)
def test_the_standard_error_is_below_one_percent(store: Store, size: int):
    found = sets(store, size, 80)
    assert not any(exact for _, exact in found)
    errors = [(counted - size) / size for counted, _ in found]
    assert (
        sqrt(sum(error * error for error in errors) / len(errors)) < 0.012
    )  # 80 sets tell it within a tenth
    assert abs(sum(errors) / len(errors)) < 0.004
    assert max(map(abs, errors)) < 0.04


@pytest.mark.parametrize("size", [1, 16, 17, 300, 512])
def test_few_people_are_counted_exactly(store: Store, size: int):
    assert set(sets(store, size, 20)) == {(size, 1)}


def test_nobody_is_exactly_nobody(store: Store):
    sql = (
        f"SELECT {counted('s')}, {exactly('s')} FROM (SELECT uniqCombined64StateIf(14)(toUInt64(1), 0) AS s)"
    )
    assert store.query(sql).rows == [(0, 1)]
