"""The real data files that some tests read. They lie beside the repository and never in it."""

import csv
import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import REPOSITORY
from tests.support.project import Event, track

FOLDER = REPOSITORY.parent / "shared" / "data"


def data_file(name: str) -> Path:
    """A data file's path; skips the test, by name, where the file is not at hand."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"data file {name} is not at hand")
    return path


@cache
def expected() -> dict[str, Any]:
    """Published and independently computed figures for the data files."""
    return json.loads(data_file("expected.json").read_text(encoding="utf-8"))


@cache
def shop_rows() -> list[dict[str, str]]:
    """The lines of the shop's log in file order, in which every session has an id."""
    with gzip.open(data_file("shop_events_a.csv.gz"), "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def shop_events() -> list[Event]:
    """The same as it goes over the wire."""
    return [
        track(
            row["event"],
            row["user_id"],
            f"{row['timestamp'].replace(' ', 'T')}Z",
            id=f"line-{number}",
            sessionId=row["session_id"],
            properties={"platform": row["platform"]},
        )
        for number, row in enumerate(shop_rows())
    ]


def wiki_events() -> Iterator[tuple[str, str]]:
    """(user, ISO time without a zone) of the wiki readers, in file order."""
    with gzip.open(data_file("wiki_reader_events.csv.gz"), "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            yield row["user"], row["timestamp"]
