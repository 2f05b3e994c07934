"""Times as clients state them."""

from hypothesis import given
from hypothesis import strategies as st

from eventlens.ingest.times import parse_time, read_time


@given(st.text(max_size=30) | st.datetimes().map(str))
def test_a_time_is_read_or_not(text):
    when = parse_time(text)
    assert when is None or isinstance(when, int)


def test_numbers_are_milliseconds_or_seconds():
    assert [read_time(value) for value in (1_732_000_000, 1_732_000_000_000, 10**11)] == [
        1_732_000_000_000,
        1_732_000_000_000,
        10**11,
    ]
    assert read_time(-0.001) == -1
    assert read_time(-(10**11)) == -(10**11)


@given(st.integers(-(2**63), 2**64) | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_a_time(value):
    assert isinstance(read_time(value), int)
