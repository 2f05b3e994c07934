"""Paths: the published case and the transitions of a real event log, through HTTP from end to end."""

from collections import Counter
from itertools import groupby, pairwise

import pytest

from tests.support.data import expected, shop_events, shop_rows
from tests.support.project import Project, view

DAY = {"startDate": "2026-03-02", "endDate": "2026-03-02"}


def at(clock: str) -> str:
    return f"2026-03-02T{clock}:00Z"


def walk(project: Project, who: str, *steps: tuple[str, str]) -> None:
    project.send([view(who, at(clock), path) for clock, path in steps])


def links(project: Project, **asked: str) -> dict[tuple[str, str], int]:
    found = project.ask("paths", **DAY, **asked)["links"]
    return {(link["source"], link["target"]): link["value"] for link in found}


def test_case_14_repeats_collapse(project: Project):
    walk(project, "A", ("10:00", "/"), ("10:01", "/a"), ("10:02", "/a"), ("10:03", "/b"), ("10:04", "/a"))
    project.settle()
    assert links(project) == {("1:/", "2:/a"): 1, ("2:/a", "3:/b"): 1, ("3:/b", "4:/a"): 1}


def test_case_14_a_gap_of_half_an_hour_splits(project: Project):
    walk(project, "A", ("10:00", "/"), ("10:29", "/a"), ("10:59", "/b"), ("11:00", "/c"))
    project.settle()
    assert links(project) == {("1:/", "2:/a"): 1, ("1:/b", "2:/c"): 1}


def test_case_14_a_start_point_cuts_at_its_first_occurrence(project: Project):
    walk(project, "A", ("10:00", "/x"), ("10:01", "/"), ("10:02", "/a"), ("10:03", "/"), ("10:04", "/b"))
    walk(project, "B", ("10:00", "/x"), ("10:01", "/y"))
    project.settle()
    found = project.ask("paths", start="/", **DAY)
    assert found["sessions"] == 1
    assert links(project, start="/") == {("1:/", "2:/a"): 1, ("2:/a", "3:/"): 1, ("3:/", "4:/b"): 1}


@pytest.mark.timeout(300)
def test_visits_of_a_shop(project: Project):
    """Sessions named by the client; published starts, and every link counted a second time from the file."""
    project.send(shop_events(), size=2000)
    project.settle(120)
    figures = expected()["shop_events_a"]
    asked = {"mode": "events", "startDate": "2023-01-01", "endDate": "2025-12-31", "depth": 8, "limit": 50}
    found = project.ask("paths", **asked)
    assert found["sessions"] == figures["sessions"]
    starts = {node["name"]: node["value"] for node in found["nodes"] if node["step"] == 1}
    assert {name: starts[name] for name in figures["session_paths"]["starts"]} == figures["session_paths"][
        "starts"
    ]
    wanted: Counter[tuple[str, str]] = Counter()
    rows = sorted(shop_rows(), key=lambda row: (row["session_id"], row["timestamp"]))
    for _, session in groupby(rows, key=lambda row: row["session_id"]):
        steps = [name for name, _ in groupby(row["event"] for row in session)][:8]
        named = [f"{number}:{name}" for number, name in enumerate(steps, start=1)]
        wanted.update(pairwise(named))
    assert {(link["source"], link["target"]): link["value"] for link in found["links"]} == wanted
