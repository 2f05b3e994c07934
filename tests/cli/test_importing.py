"""What the importing commands say, without a server."""

import json
import signal
from pathlib import Path

from tests.support.processes import COMMAND, Child, clean_environment, run_command

PERSON = (
    '203.0.113.9 - - [17/May/2015:23:05:03 +0000] "GET / HTTP/1.1" 200 12 "-" '
    '"Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"'
)


def new_project(data: Path) -> str:
    done = run_command("project", "create", "Log", "--timezone", "Asia/Tokyo", "--json", data=data)
    return json.loads(done.stdout)["project_id"]


def test_the_span_is_said_in_the_project_s_time_with_the_question_to_ask(tmp_path: Path) -> None:
    project_id = new_project(tmp_path / "data")
    (tmp_path / "log").write_text(PERSON + "\n")
    words = ["import", "access-log", str(tmp_path / "log"), "--project", project_id]
    done = run_command(*words, data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert "of 2015-05-18 to 2015-05-18 (Asia/Tokyo)" in done.stdout
    assert f"GET /insights/{project_id}/metrics?startDate=2015-05-18&endDate=2015-05-18" in done.stdout


def test_a_file_without_any_request_fails_and_names_its_first_line(tmp_path: Path) -> None:
    project_id = new_project(tmp_path / "data")
    (tmp_path / "log").write_text("\n\nhello\nworld\n")
    done = run_command(
        "import", "access-log", str(tmp_path / "log"), "--project", project_id, data=tmp_path / "data"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "line 3 is not a request" in done.stderr


def test_a_directory_without_data_is_named_and_not_made(tmp_path: Path) -> None:
    done = run_command("import", "access-log", __file__, "--project", "x", data=tmp_path / "none")
    assert done.returncode == 2
    assert str(tmp_path / "none") in done.stderr
    assert not (tmp_path / "none").exists()


def test_the_demo_ends_with_its_clients_and_a_question(tmp_path: Path) -> None:
    done = run_command("demo", "--events", "200", data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert "events of the last 60 days" in done.stdout
    assert done.stdout.count("sec_") == 4
    assert "/metrics?range=30d'" in done.stdout
    project_id = json.loads(run_command("project", "list", "--json", data=tmp_path / "data").stdout)[0][
        "project_id"
    ]
    again = run_command("demo", "--events", "200", "--project", project_id, "--json", data=tmp_path / "data")
    answer = json.loads(again.stdout)
    assert set(answer) == {"project_id", "events", "clients", "curl"}
    assert "READ_SECRET" in answer["curl"]


def test_ctrl_c_says_what_stays_queued(tmp_path: Path) -> None:
    environment = clean_environment({"EVENTLENS_DATA": str(tmp_path / "data")})
    demo = Child([str(COMMAND), "demo", "--events", "1000000"], tmp_path / "log", environment, tmp_path)
    log = tmp_path / "data" / "queue.db-wal"
    demo.await_ready(lambda: log.exists() and log.stat().st_size > 200_000)  # it has begun to queue
    assert demo.end(signal.SIGINT, seconds=60) == 1
    assert "Stopped. " in demo.output
    assert "Traceback" not in demo.output
