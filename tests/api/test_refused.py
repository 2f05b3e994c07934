import logging

import pytest

from eventlens.api.refused import Refused


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_each_client_and_reason_is_told_once_a_minute(told):
    clock = Clock()
    refused = Refused(clock)
    for _ in range(3):
        refused.note("c-1", "Invalid cors or secret", "https://shop.example")
    refused.note("c-1", "Invalid client id", "")
    assert [line.partition(" (")[0] for line in told()] == [
        "a sender was refused: Invalid cors or secret",
        "a sender was refused: Invalid client id",
    ]
    assert "'https://shop.example'" in told()[0]
    clock.now = 60
    refused.note("c-1", "Invalid cors or secret", "")
    assert "and 2 times before" in told()[-1]


def test_what_a_stranger_says_is_quoted_and_short(told):
    Refused().note("x" * 500, "Client ID must be a valid UUIDv4", "a\nERROR all is lost " + "y" * 500)
    (line,) = told()
    assert "\n" not in line
    assert len(line) < 400


def test_many_strangers_fill_no_memory():
    refused = Refused()
    for number in range(5_000):
        refused.note(f"c-{number}", "Invalid client id", "")
    assert len(refused._told) <= 1000
