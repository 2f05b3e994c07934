"""Events in, numbers out: the published reference cases, through HTTP from end to end."""

import time

import pytest

from tests.support.project import Project, track, view

DAY = {"startDate": "2026-03-02", "endDate": "2026-03-02"}


def at(clock: str) -> str:
    return f"2026-03-02T{clock}Z"


def visit(device: str, *clocks: str, path: str = "/") -> list:
    return [view(device, at(clock), path) for clock in clocks]


@pytest.fixture
def counted(project: Project):
    """Send events and give the day's metrics."""

    def count(*events: list) -> dict:
        project.send([event for group in events for event in group])
        project.settle()
        return project.metrics(**DAY)

    return count


def test_case_1_two_visitors_three_views(counted):
    found = counted(visit("A", "00:00:00", "00:01:00"), visit("B", "00:00:00"))
    assert found["unique_visitors"] == 2
    assert found["total_screen_views"] == 3
    assert found["bounce_rate"] == 50


def test_case_2_a_long_gap_makes_a_new_session(counted):
    found = counted(visit("A", "00:00:00", "00:01:00", "10:00:00"), visit("B", "15:00:00"))
    assert found["total_sessions"] == 3
    assert found["unique_visitors"] == 2


def test_case_3_views_per_session(counted):
    found = counted(visit("A", "00:00:00", "00:01:00"), visit("B", "00:00:00"), visit("C", "00:00:00"))
    assert found["views_per_session"] == pytest.approx(4 / 3)


def test_case_4_average_duration(counted):
    assert counted(visit("A", "00:00:00", "00:15:00"), visit("B", "00:15:00"))["avg_session_duration"] == 450


def test_case_5_time_on_page(project: Project):
    project.send(
        [view("A", at("00:00:00"), "/a"), view("A", at("00:15:00"), "/b"), view("B", at("00:00:00"), "/a")]
    )
    project.settle()
    rows = {row["path"]: row for row in project.ask("pages", mode="top", **DAY)}
    assert rows["/a"]["avg_time_on_page"] == 900
    assert rows["/a"]["views"] == 2
    assert rows["/a"]["unique_visitors"] == 2


def test_case_6_live(project: Project):
    now = time.time()
    project.send([view("A", now - 600), view("B", now - 240), view("C", now - 60)])
    project.settle()
    live = project.ask("live")
    assert live["visitors"] == 2
    assert len(live["minutes"]) == 30
    assert sum(live["minutes"]) == 3


def test_case_7_comparison(project: Project):
    before = [view(device, "2026-03-01T12:00:00Z") for device in "ABC"]
    project.send([*before, view("A", at("12:00:00"))])
    project.settle()
    found = project.metrics(compare="previous", **DAY)
    assert found["unique_visitors"] == 1
    assert found["previous"]["unique_visitors"] == 3
    assert found["change"]["unique_visitors"] == pytest.approx(-2 / 3)
    nothing = project.metrics(compare="2025-01-01,2025-01-01", **DAY)
    assert nothing["change"]["unique_visitors"] is None


def test_case_15_one_person_on_two_devices(project: Project):
    project.send(visit("D", "10:00:00"))
    project.send(
        [{"type": "identify", "payload": {"profileId": "P", "deviceId": "D", "timestamp": at("10:05:00")}}]
    )
    project.send(visit("E", "18:00:00"))
    project.send(
        [{"type": "identify", "payload": {"profileId": "P", "deviceId": "E", "timestamp": at("18:05:00")}}]
    )
    project.settle()
    found = project.metrics(**DAY)
    assert found["unique_visitors"] == 1
    assert found["total_sessions"] == 2


def test_case_15_across_an_alias(project: Project):
    project.send([view("D", at("10:00:00"), profileId="p-old"), view("E", at("11:00:00"), profileId="p-new")])
    project.settle()
    assert project.metrics(**DAY)["unique_visitors"] == 2
    project.send([{"type": "alias", "payload": {"profileId": "p-new", "alias": "p-old"}}])
    project.settle()
    assert project.metrics(**DAY)["unique_visitors"] == 1


def test_the_explorer_leads_through_all_events(project: Project):
    project.send([view(f"d{number}", at(f"10:00:{number:02d}"), id=f"e{number}") for number in range(25)])
    project.settle()
    first = project.get("events", limit=10, **DAY).json()
    assert first["meta"]["next_cursor"]
    assert [row["id"] for row in project.events(limit=10, **DAY)] == [
        f"e{number}" for number in range(24, -1, -1)
    ]


def test_campaign_and_referrer_belong_to_the_session(project: Project):
    first = view(
        "A", at("10:00:00"), "https://shop.test/?utm_source=news", referrer="https://www.google.com/"
    )
    project.send(
        [
            first,
            view("A", at("10:01:00"), "https://shop.test/b?utm_source=other"),
            track("buy", "A", at("10:02:00")),
        ]
    )
    project.settle()
    rows = {row["value"]: row for row in project.ask("referrers", dimension="utm_source", **DAY)}
    assert set(rows) == {"news"}
    assert rows["news"]["views"] == 2
    names = {row["value"] for row in project.ask("referrers", dimension="referrer_name", **DAY)}
    assert names == {"Google"}
