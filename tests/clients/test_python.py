"""openpanel 0.0.1 of PyPI, which says null for everything that it does not know."""

from typing import Any

import pytest

from tests.clients.scripts import Player
from tests.clients.sent import Row, assert_stored_as_sent, await_events, by_name
from tests.support.project import Project
from tests.support.server import Server


@pytest.fixture(scope="module")
def project(server: Server) -> Project:
    return server.project("Python")


@pytest.fixture(scope="module")
def seen(project: Project, play: Player) -> dict[str, Any]:
    """Each of the package's calls once."""
    return play("python_client.py", project, project.write)


@pytest.fixture(scope="module")
def rows(project: Project, seen) -> list[Row]:
    return await_events(project, 5)


def test_every_event_is_stored_as_sent(seen, rows) -> None:
    assert_stored_as_sent(seen["sent"], rows)
    assert [request["status"] for request in seen["sent"]] == [200] * 11 + [401]


def test_nobody_in_particular(seen, rows) -> None:
    first = seen["sent"][0]["body"]["payload"]
    assert first["profileId"] is None  # said, not left out
    found = by_name(rows)
    assert found["anonymous"]["properties"] == {
        "plan": "free",
        "count": 3,
        "ratio": 0.25,
        "ok": True,
        "nothing": None,
    }
    assert found["bare"]["properties"] == {}
    assert {found[name]["profileId"] for name in ("anonymous", "bare", "cleared")} == {None}
    assert {row["device"] for row in rows} == {"server"}


def test_somebody(project: Project, rows) -> None:
    known = by_name(rows)["known"]
    assert known["profileId"] == "user-7"
    assert known["properties"] == {
        "environment": "production",
        "list": [1, "two", None],
        "nested": {"deep": {"deeper": "ü"}},
    }
    profile = project.ask("profiles/user-7")
    assert (profile["firstName"], profile["email"]) == ("Ada", "ada@example.com")
    # `"value": null` is one step.
    assert profile["properties"] == {"environment": "production", "plan": "team", "logins": 5, "credits": -1}


def test_an_alias_is_the_same_person(rows) -> None:
    found = by_name(rows)
    assert found["by_another_name"]["profileId"] == "newsletter-93"
    assert found["by_another_name"]["visitorId"] == found["known"]["visitorId"]


def test_numbers(project: Project, rows) -> None:
    metrics = project.metrics()
    assert metrics["total_events"] == 5
    assert metrics["unique_visitors"] == 1
