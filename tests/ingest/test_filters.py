"""The filter never forgets what it was told, and is seldom wrong about the rest."""

import random

from hypothesis import given
from hypothesis import strategies as st

from eventlens.ingest.filters import SeenFilter, hashes_of


def numbered(first: int, count: int):
    return hashes_of(("project", f"id-{number}") for number in range(first, first + count))


@given(st.lists(st.lists(st.integers(0, 10_000), max_size=40), max_size=20))
def test_what_was_added_is_always_maybe_seen(batches):
    filter_ = SeenFilter(first_capacity=16)  # grows through many generations
    for batch in batches:
        filter_.add(hashes_of(batch), 0)
    added = [number for batch in batches for number in batch]
    assert all(filter_.maybe_seen(hashes_of(added)))


def test_an_empty_filter_has_seen_nothing():
    filter_ = SeenFilter()
    assert list(filter_.maybe_seen(hashes_of([]))) == []
    assert not any(filter_.maybe_seen(numbered(0, 1000)))


def test_few_strangers_are_taken_for_known():
    filter_ = SeenFilter()
    for first in range(0, 300_000, 10_000):  # three generations
        filter_.add(numbered(first, 10_000), 0)
    wrong = sum(filter_.maybe_seen(numbered(1_000_000, 100_000)))
    assert wrong < 500  # 0.5 % of 100,000


def test_hashes_that_differ_in_few_bits_are_told_apart():
    filter_ = SeenFilter()
    filter_.add(hashes_of(range(60_000)), 0)  # a small integer is its own hash
    wrong = sum(filter_.maybe_seen(hashes_of(range(1_000_000, 1_060_000))))
    assert wrong < 300


def test_a_batch_larger_than_every_generation_fits():
    filter_ = SeenFilter(first_capacity=10)
    entries = numbered(0, 5_000)
    filter_.add(entries, 0)
    assert all(filter_.maybe_seen(entries))


def test_old_generations_are_forgotten_and_young_ones_kept():
    filter_ = SeenFilter(first_capacity=100)
    old, young = numbered(0, 100), numbered(1_000, 100)
    filter_.add(old, when=1_000)
    filter_.add(young, when=2_000)
    filter_.forget(before=1_500)
    assert sum(filter_.maybe_seen(old)) < 10
    assert all(filter_.maybe_seen(young))
    filter_.forget(before=9_000)
    assert all(filter_.maybe_seen(young))  # the newest generation is always kept


def test_repeated_hashes_in_one_batch_do_no_harm():
    filter_ = SeenFilter()
    same = random.Random(1).choices(range(50), k=1_000)
    filter_.add(hashes_of(same), 0)
    assert all(filter_.maybe_seen(hashes_of(range(50)) if len(set(same)) == 50 else hashes_of(same)))
