"""Lines for people and lines for machines."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from eventlens.cli.logs import JsonLines, start_logging
from eventlens.settings import Settings


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The root logger as it was, whatever a test makes of it."""
    logger = logging.getLogger()
    level, handlers = logger.level, logger.handlers[:]
    yield
    logger.setLevel(level)
    logger.handlers[:] = handlers


def lines(capsys: pytest.CaptureFixture[str], **settings: str) -> list[str]:
    start_logging(Settings.load(settings, None))
    log = logging.getLogger("eventlens.test")
    log.debug("a detail")
    log.info("one thing: %s", "ü\nnext")
    try:
        int("why")
    except ValueError:
        log.exception("another thing")
    return capsys.readouterr().err.splitlines()


def test_a_line_for_machines_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (json.loads(line) for line in lines(capsys, LOG_FORMAT="json", LOG_LEVEL="info"))
    assert (first["level"], first["logger"], first["message"]) == (
        "info",
        "eventlens.test",
        "one thing: ü\nnext",
    )
    assert datetime.fromisoformat(first["time"]).tzinfo is not None
    assert second["level"] == "error"
    assert second["error"].endswith("with base 10: 'why'")


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    printed = lines(capsys, LOG_LEVEL="info")
    assert "INFO    eventlens.test: one thing: ü" in printed[0]
    assert printed[-1].startswith("ValueError: ")


@pytest.mark.parametrize(("level", "first"), [("debug", "a detail"), ("error", "another thing")])
def test_the_level_is_the_set_one(capsys: pytest.CaptureFixture[str], level: str, first: str) -> None:
    assert first in lines(capsys, LOG_LEVEL=level)[0]


def test_what_json_cannot_say_is_said_as_text() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", ("\ud800",), None)
    line = JsonLines().format(record)
    assert json.loads(line)["message"]
    line.encode(sys.stderr.encoding or "utf-8", "backslashreplace")
