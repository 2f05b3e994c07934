"""A real web server's log through the command line, beside a running server and without one."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.data import data_file, expected
from tests.support.project import Project
from tests.support.server import Server

LOG = "access_apache_2015_a.log.gz"
SPAN = {"startDate": "2015-05-01", "endDate": "2015-05-31"}
REASONS = {"asset", "bot", "status", "method", "duplicate", "unparsed"}


def run_import(server: Server, project: Project, file: Path, *words: str) -> dict:
    done = server.run("import", "access-log", str(file), "--project", project.id, "--json", *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "the progress bar is for terminals"
    answer = json.loads(done.stdout)
    assert set(answer) == {"lines", "imported", "skipped"}
    assert set(answer["skipped"]) <= REASONS
    assert answer["imported"] + sum(answer["skipped"].values()) == answer["lines"]
    return answer


@pytest.fixture(scope="module")
def people(server: Server) -> tuple[Project, dict]:
    """The log's page views of people."""
    project = server.project("Blog")
    return project, run_import(server, project, data_file(LOG))


@pytest.fixture(scope="module")
def everything(server: Server) -> tuple[Project, dict]:
    """Every line of the log."""
    project = server.project("Whole log")
    return project, run_import(server, project, data_file(LOG), "--everything")


def test_lines_add_up(people):
    project, answer = people
    assert answer["lines"] == expected()["access_apache_2015_a"]["lines"]
    assert answer["skipped"]["method"] == 41
    assert answer["skipped"]["unparsed"] == 0
    assert answer["skipped"]["duplicate"] == 0
    assert all(answer["skipped"][reason] for reason in ("asset", "bot", "status"))
    assert project.metrics(**SPAN)["total_events"] == answer["imported"]


def test_it_looks_like_a_real_site(people):
    """A blog: more people than returns, search engines ahead of the others, pages first, many countries."""
    project, answer = people
    found = project.metrics(**SPAN)
    assert 0.15 * answer["imported"] < found["unique_visitors"] < found["total_sessions"] < answer["imported"]
    assert 50 < found["bounce_rate"] < 95
    assert 1 < found["views_per_session"] < 3
    assert found["avg_session_duration"] < 600
    pages = project.ask("pages", limit=50, **SPAN)
    assert "/" in [page["path"] for page in pages[:5]]
    assert not [
        page["path"] for page in pages if page["path"].endswith((".css", ".png", ".ico", ".txt", ".xml"))
    ]
    names = [row["value"] for row in project.ask("referrers", dimension="referrer_name", limit=5, **SPAN)]
    assert "Google" in names[:2]
    assert not [name for name in names if name and "semicomplete" in name]
    countries = [row["value"] for row in project.ask("geo", dimension="country", limit=30, **SPAN)]
    assert countries[0] == "US"
    assert len(countries) > 20
    browsers = {row["value"] for row in project.ask("devices", dimension="browser", limit=30, **SPAN)}
    assert {"Chrome", "Firefox"} <= browsers


def test_a_second_run_adds_nothing(server: Server, people):
    project, answer = people
    before = project.metrics(**SPAN)
    again = run_import(server, project, data_file(LOG))
    assert again["imported"] == 0
    assert again["skipped"] == {**answer["skipped"], "duplicate": answer["imported"]}
    assert project.metrics(**SPAN) == before


def test_everything_is_every_line(everything):
    project, answer = everything
    assert answer["imported"] == answer["lines"] == expected()["access_apache_2015_a"]["lines"]
    found = project.metrics(**SPAN)
    assert found["total_screen_views"] == answer["lines"]
    assert found["total_sessions"] == 0


def test_everything_has_the_logs_own_pages(everything):
    wanted = expected()["access_apache_2015_a"]["top_paths_no_query"]
    rows = everything[0].ask("pages", mode="top", limit=len(wanted), **SPAN)
    assert sorted([row["path"], row["views"]] for row in rows) == sorted(wanted)


def test_everything_has_the_logs_own_referrers(everything):
    """Referrers of one host put together; requests without one are the null row."""
    views: Counter[str] = Counter()
    for row in everything[0].ask("referrers", dimension="referrer", limit=10_000, **SPAN):
        host = "(direct)" if row["value"] is None else urlsplit(row["value"]).hostname or row["value"]
        views[host] += row["views"]
    wanted = expected()["access_apache_2015_a"]["top_referrer_hosts"]
    assert {host: views[host] for host, _ in wanted} == dict(wanted)


def test_a_second_run_of_everything_adds_nothing(server: Server, everything):
    project, answer = everything
    again = run_import(server, project, data_file(LOG), "--everything")
    assert (again["imported"], again["skipped"]["duplicate"]) == (0, answer["lines"])


def small_log(path: Path) -> Path:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    line = '198.51.100.7 - - [02/Mar/2026:10:00:0{second} +0000] "{request}" {status} 5 "-" "{agent}"'
    rows = [
        line.format(second=1, request="GET / HTTP/1.1", status=200, agent=agent),
        line.format(second=1, request="GET / HTTP/1.1", status=200, agent=agent),
        line.format(second=2, request="GET /a.css HTTP/1.1", status=200, agent=agent),
        line.format(second=3, request="GET /a HTTP/1.1", status=404, agent=agent),
        line.format(second=4, request="POST /a HTTP/1.1", status=200, agent=agent),
        line.format(second=5, request="GET /a HTTP/1.1", status=200, agent=bot),
        "what is this",
    ]
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    return path


def test_without_a_server(make_server, tmp_path: Path):
    server = make_server()
    made = server.run("project", "create", "Offline", "--json")
    project_id = json.loads(made.stdout)["project_id"]
    file = small_log(tmp_path / "small.log.gz")
    done = server.run("import", "access-log", str(file), "--project", project_id, "--json")
    assert done.returncode == 0, done.stderr
    skipped = {"unparsed": 1, "method": 1, "status": 1, "asset": 1, "bot": 1, "duplicate": 0}
    assert json.loads(done.stdout) == {"lines": 7, "imported": 2, "skipped": skipped}
    words = server.run("import", "access-log", str(file), "--project", project_id)
    assert "0 imported" in words.stdout


def test_wrong_use(server: Server, project: Project, tmp_path: Path):
    file = small_log(tmp_path / "small.log.gz")
    unknown = server.run("import", "access-log", str(file), "--project", "nowhere")
    assert (unknown.returncode, "nowhere" in unknown.stderr) == (2, True)
    missing = server.run("import", "access-log", str(tmp_path / "no.log"), "--project", project.id)
    assert (missing.returncode, "no.log" in missing.stderr) == (2, True)
    file.write_bytes(file.read_bytes()[:-9])
    cut = server.run("import", "access-log", str(file), "--project", project.id)
    assert (cut.returncode, "Traceback" in cut.stderr, "ends too early" in cut.stderr) == (1, False, True)


def test_demo_looks_alive(server: Server):
    done = server.run("demo", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    read = next(client for client in made["clients"] if client["type"] == "read")
    headers = {"event-lens-client-id": read["id"], "event-lens-client-secret": read["secret"]}

    def ask(question: str, **parameters: Any):
        answer = server.http.get(
            f"/insights/{made['project_id']}/{question}", params=parameters, headers=headers
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    totals = ask("metrics", range="all")
    assert made["events"] == totals["total_events"] > 15_000
    assert totals["unique_visitors"] > 1000
    days = ask("timeseries", range="30d", interval="day")
    assert all(day["total_sessions"] > 0 for day in days[:-1])
    assert ask("live")["visitors"] > 0
    assert len(ask("geo", dimension="country", range="30d")) > 5
    assert {"Google", "ChatGPT"} <= {
        row["value"] for row in ask("referrers", dimension="referrer_name", range="30d")
    }
