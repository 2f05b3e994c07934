"""Special reports over HTTP."""

import pytest

from eventlens.insights.specials import SPECIALS
from tests.support.inprocess import InProcess
from tests.support.project import Project

DAY = {"startDate": "2026-03-10", "endDate": "2026-03-10"}


@pytest.fixture(scope="module")
def site(inside: InProcess) -> Project:
    project = inside.project()
    for name, properties in (
        ("web_vital", {"name": "LCP", "value": 1234.5}),
        ("error", {"message": "boom", "type": "TypeError"}),
        ("scroll_depth", {"depth": 80}),
        ("file_download", {"href": "https://s.example/a.pdf"}),
        ("link_out", {"href": "https://other.example/", "text": "Other"}),
        ("not_found", {}),
    ):
        where = {"path": "https://s.example/lost", "timestamp": "2026-03-10T10:00:00Z"}
        answer = project.track(name, deviceId="d", properties=properties, **where)
        assert answer.status_code == 200, answer.text
    project.settle()
    return project


@pytest.mark.parametrize(
    ("path", "values", "numbers"),
    [
        ("web-vitals", "LCP", {"p75": 1234.5, "rating": "good", "good": 100, "poor": 0}),
        ("errors", "boom", {"type": "TypeError", "path": "/lost", "last_seen": "2026-03-10T10:00:00+00:00"}),
        ("scroll-depth", "/lost", {"average_depth": 80, "reached_75": 100, "reached_100": 0}),
        ("downloads", "https://s.example/a.pdf", {"unique_visitors": 1}),
        ("outgoing-links", "https://other.example/", {"events": 1}),
        ("not-found", "/lost", {"events": 1, "referrer": None}),
    ],
)
def test_each_report(site: Project, path: str, values: str, numbers: dict[str, object]):
    answer = site.ask(path, **DAY)
    (row,) = answer["rows"]
    assert row["values"] == [values]
    assert {name: row[name] for name in numbers} == numbers
    assert answer["events"] == 1
    split = site.ask(path, dimension="device", interval="day", compare="previous", **DAY)
    assert split["rows"][0]["values"] == [values, "desktop"]
    assert split["rows"][0]["previous"] is None
    assert [point["events"] for point in split["rows"][0]["series"]] == [1]


@pytest.mark.parametrize("path", [report.path for report in SPECIALS])
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"dimension": "color"}, "dimension"),
        ({"dimension": "os,browser"}, "dimension"),
        ({"limit": "0"}, "limit"),
        ({"interval": "year"}, "interval"),
        ({"event": "x"}, "event"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(project: Project, path: str, asked: dict[str, str], field: str):
    answer = project.get(path, **asked)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
