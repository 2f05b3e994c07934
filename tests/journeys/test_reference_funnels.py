"""Reference cases 8 to 11 and 18: funnels, sent through public ingestion and asked over HTTP."""

from typing import Any

import pytest

from tests.support.data import expected, shop_events
from tests.support.project import Project, iso, track, view

NOON = 1_772_452_800  # 2026-03-02T12:00:00Z
DAY = 86_400
SHOP = ("product_view", "add_to_cart", "shipping_details", "payment_details", "purchase")


def ask(project: Project, *steps: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    named = [step if isinstance(step, dict) else {"name": step} for step in steps]
    body = {"steps": named, "startDate": "2026-03-02", "endDate": "2026-03-02", **more}
    answer = project.http.post(f"/insights/{project.id}/funnel", json=body, headers=project.read.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def counts(answer: dict[str, Any]) -> list[int]:
    return [step["count"] for step in answer["steps"]]


def walk(project: Project, who: str, *events: tuple[str, float]) -> None:
    """Events by name, seconds after noon."""
    project.send([track(name, who, iso(NOON + after)) for name, after in events])


def test_case_8_a_shop(project: Project):
    for who in ("one", "two"):
        project.send([view(who, iso(NOON), "/blog/announcement"), track("sign_up", who, iso(NOON + 60))])
    walk(project, "two", ("add_to_cart", 120), ("purchase", 180))
    project.settle()
    announcement = {"name": "path", "operator": "is", "value": ["/blog/announcement"]}
    first = {"name": "screen_view", "filters": [announcement]}
    answer = ask(project, first, "sign_up", "add_to_cart", "purchase")
    assert counts(answer) == [2, 2, 1, 1]
    assert [step["conversion_rate"] for step in answer["steps"]] == [100, 100, 50, 50]
    assert answer["overall_conversion_rate"] == 50


def test_case_8_an_empty_project(project: Project):
    answer = ask(project, "a", "b", breakdown="country", trend="day", compare="previous")
    assert counts(answer) == [0, 0]
    assert answer["overall_conversion_rate"] == 0
    assert counts(answer["previous"]) == [0, 0]


@pytest.mark.parametrize(
    ("window", "soon", "late"), [(15, 10, 20), (7 * DAY, DAY, 9 * DAY)], ids=["15 s", "7 days"]
)
def test_case_9_windows(project: Project, window: int, soon: int, late: int):
    for number in range(25):
        walk(project, f"user-{number}", ("a", 0), ("b", soon if number < 10 else late))
    project.settle()
    assert counts(ask(project, "a", "b", "c", windowSeconds=window)) == [25, 10, 0]


BETWEEN = {"exclude": [{"name": "x", "from": 1, "to": 2}]}


def test_case_10_an_exclusion(project: Project):
    walk(project, "p1", ("s1", 0), ("s2", 3600))
    walk(project, "p2", ("s1", 0), ("x", 1800), ("s2", 3600))
    walk(project, "p3", ("s1", 0), ("x", 1800))
    walk(project, "p4", ("s1", 0), ("x", 2 * DAY), ("s2", 3 * DAY))
    project.settle()
    assert counts(ask(project, "s1", "s2", windowSeconds=DAY, **BETWEEN)) == [2, 1]


def test_case_10_in_seconds(project: Project):
    walk(project, "one", ("s1", 0), ("x", 11), ("s2", 12))
    project.settle()
    assert counts(ask(project, "s1", "s2", windowSeconds=10, **BETWEEN)) == [1, 0]


def test_case_11_ties(project: Project):
    walk(project, "in order", ("a", 0), ("b", 0))
    walk(project, "twice", ("c", 0), ("c", 5))
    walk(project, "once", ("c", 0))
    walk(project, "at the end", ("d", 0), ("e", 60))
    project.settle()
    assert counts(ask(project, "a", "b")) == [1, 1]
    assert counts(ask(project, "b", "a")) == [1, 0]
    assert counts(ask(project, "c", "c")) == [2, 1]
    assert counts(ask(project, "d", "e", windowSeconds=60)) == [1, 1]
    assert counts(ask(project, "d", "e", windowSeconds=59)) == [1, 0]


@pytest.mark.timeout(300)
def test_case_18_a_shop_of_430_people(project: Project):
    project.send(shop_events(), size=2000)
    project.settle(120)
    figures = expected()["shop_events_a"]
    span = {"startDate": "2023-01-01", "endDate": "2025-12-31"}
    unlimited = ask(project, *SHOP, windowSeconds=None, breakdown="properties.platform", **span)
    assert counts(unlimited) == figures["users_reaching_unlimited_window"] == [429, 379, 292, 200, 99]
    assert counts(ask(project, *SHOP, **span)) == figures["users_reaching_1_day_window"]
    assert counts(ask(project, *SHOP, by="session", **span)) == figures["sessions_reaching"]
    platforms = {row["value"]: counts(row) for row in unlimited["breakdown"]}
    assert platforms == figures["by_platform_users_unlimited"]
    everybody = people(project, step=1, limit=400, **span)
    assert len(everybody) == len(set(everybody)) == 429
    assert len(people(project, step=3, outcome="dropped", limit=10, **span)) == 379 - 292


def people(project: Project, **asked: Any) -> list[str]:
    """The ids of all pages."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        body = {"steps": [{"name": name} for name in SHOP], "windowSeconds": None, **asked, **cursor}
        answer = project.http.post(
            f"/insights/{project.id}/funnel/people", json=body, headers=project.read.headers
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [row["visitorId"] for row in page["data"]]
        if page["meta"]["next_cursor"] is None:
            return found
        cursor = {"cursor": page["meta"]["next_cursor"]}
