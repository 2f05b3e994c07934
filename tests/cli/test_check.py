import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eventlens.cli import check, main
from eventlens.cli.directory import claimed_directory
from eventlens.clock import now_ms
from eventlens.queues.sqlite import SqliteQueue
from eventlens.settings import Settings
from tests.support.letters import bury
from tests.support.processes import run_command
from tests.support.project import BROWSER
from tests.support.redis import RedisServer
from tests.support.server import Server


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def run(**environ: str) -> Result:
    return CliRunner(env=environ).invoke(main, ["check", "--json"])


def found(done: Result, name: str) -> dict[str, Any]:
    rows = json.loads(done.stdout)["checks"]
    return next(row for row in rows if row["name"] == name)


def test_before_the_first_start_all_is_well_and_nothing_is_made(data: Path):
    done = run()
    answer = json.loads(done.stdout)
    assert done.exit_code == 0, done.stdout
    assert answer["ok"] is True
    assert [row["name"] for row in answer["checks"]] == list(check.CHECKS)
    assert {row["status"] for row in answer["checks"]} <= {"ok", "warn"}
    assert not data.exists()


def test_after_a_migration_it_opens_both_databases(data: Path):
    assert run_command("migrate", data=data).returncode == 0
    done = run_command("check", "--json", data=data)
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0, done.stdout
    assert rows["catalog"]["message"] == "0 projects, schema is current"
    assert "the embedded store opens" in rows["event store"]["message"]


def test_for_people_without_colours_in_a_pipe(data: Path):
    done = run_command("check", data=data)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    states = [line.split()[0] for line in done.stdout.splitlines() if line[:1].strip()]
    assert len(states) == len(check.CHECKS)
    assert set(states) <= {"ok", "warn"}


def test_a_wrong_setting_fails(data: Path):
    done = run(PORT="many")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "ok": False,
        "checks": [
            {
                "name": "settings",
                "status": "fail",
                "message": "PORT is 'many'; it must be a whole number from 0 to 65535.",
                "mend": "Correct the environment or the .env file.",
            }
        ],
    }


def test_it_names_what_is_set_without_the_values(data: Path):
    done = run(BODY_LIMIT="1MiB", SMTP_URL="smtp://u:hunter2@mail")
    assert found(done, "settings")["message"].endswith("set: BODY_LIMIT, SMTP_URL")
    assert "hunter2" not in done.stdout


def test_an_open_host_without_a_trusted_proxy_is_a_warning(data: Path):
    assert found(run(HOST="0.0.0.0"), "settings")["status"] == "warn"
    assert found(run(HOST="0.0.0.0", TRUSTED_PROXIES="10.0.0.0/8"), "settings")["status"] == "ok"


def test_a_damaged_catalog_fails_and_the_rest_is_still_looked_at(data: Path):
    data.mkdir()
    (data / "catalog.db").write_bytes(b"garbage" * 1000)
    done = run()
    assert done.exit_code == 1
    assert found(done, "catalog")["status"] == "fail"
    assert "restore it from a backup" in found(done, "catalog")["message"]
    assert found(done, "time zones")["status"] == "ok"


def test_an_old_catalog_is_a_warning(data: Path):
    data.mkdir()
    sqlite3.connect(data / "catalog.db").close()
    (data / "catalog.db").touch()
    row = found(run(), "catalog")
    assert (row["status"], row["mend"]) == ("warn", "Run eventlens migrate.")


@pytest.mark.parametrize(("free", "status"), [(100 << 30, "ok"), (1 << 30, "warn"), (100 << 20, "fail")])
def test_free_disk(data: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str):
    usage = type(shutil.disk_usage("."))(200 << 30, (200 << 30) - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert found(run(), "free disk")["status"] == status


@pytest.mark.parametrize(
    ("kind", "status"), [("ext4", "ok"), ("tmpfs", "warn"), ("nfs4", "fail"), ("", "ok")]
)
def test_file_systems(data: Path, monkeypatch: pytest.MonkeyPatch, kind: str, status: str):
    monkeypatch.setattr(check, "_file_system", lambda _path: kind)
    assert found(run(), "durability")["status"] == status


def test_what_nothing_uses_yet_is_a_warning_a_line(data: Path):
    assert found(run(), "settings without effect")["status"] == "ok"
    row = found(run(WORKER_CONCURRENCY="3"), "settings without effect")
    assert row["status"] == "warn"
    assert row["message"].splitlines() == ["WORKER_CONCURRENCY is set, but nothing uses it yet"]


def test_a_slow_disk_is_a_warning(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(check, "_file_system", lambda _path: "ext4")
    monkeypatch.setattr(check, "_sync_ms", lambda _path: 80.0)
    assert found(run(), "durability")["status"] == "warn"


def test_the_file_system_of_a_path_is_found():
    assert check._file_system(Path("/proc/self")) == "proc"


def test_a_secret_key_that_others_can_read_fails(data: Path):
    _ = Settings.load({}, data.parent).secret_key
    assert found(run(), "secret key")["status"] == "ok"
    (data / "secret_key").chmod(0o644)
    row = found(run(), "secret key")
    assert (row["status"], row["mend"]) == ("fail", f"chmod 600 {data / 'secret_key'}")
    assert found(run(EVENTLENS_SECRET_KEY="k" * 16), "secret key")["status"] == "ok"


def test_an_old_geo_database_is_a_warning():
    assert check._aged("GeoLite2-City of 2026-11-01 (city.mmdb)").status == "ok"
    old = check._aged("GeoLite2-City of 2019-03-01 (city.mmdb)")
    assert old.status == "warn"
    assert "days old" in old.message


def test_questions_must_leave_memory_for_the_rest(tmp_path: Path):
    settings = Settings.load({"EVENTLENS_QUERY_MEMORY": "1GiB"}, tmp_path)
    assert check._enough("4 GiB", 4 << 30, settings).status == "ok"
    little = check._enough("1 GiB", 1 << 30, settings)
    assert (little.status, little.mend) == ("warn", "Set EVENTLENS_QUERY_MEMORY to 256MiB or less.")
    apart = Settings.load({"EVENTLENS_QUERY_MEMORY": "1GiB", "CLICKHOUSE_URL": "http://c"}, tmp_path)
    assert check._enough("1 GiB", 1 << 30, apart).status == "ok"


def test_versions_and_clocks_of_servers_are_looked_at(data: Path, redis_server: RedisServer):
    done = run(REDIS_URL=redis_server.url)
    assert re.search(r"Redis \d+\.\d+", found(done, "versions")["message"])
    assert found(done, "clock")["status"] == "ok"
    assert abs(dict(check._other_clocks(Settings.load({"REDIS_URL": redis_server.url}, None)))["Redis"]) < 2


def test_a_missing_geo_database_is_a_warning(data: Path):
    assert found(run(GEOIP_DATABASE="/nowhere/x.mmdb"), "geo database")["status"] == "warn"


def test_files_of_the_future_are_a_warning(data: Path):
    data.mkdir()
    (data / "x").touch()
    os.utime(data / "x", (4e9, 4e9))
    assert found(run(), "clock")["status"] == "warn"


def test_a_database_without_its_driver_fails(data: Path):
    row = found(run(DATABASE_URL="mysql://u:hunter2@127.0.0.1:1/d"), "catalog")
    assert row["status"] == "fail"
    assert "hunter2" not in row["message"]


def test_a_clickhouse_server_that_is_not_there_fails(data: Path):
    row = found(run(CLICKHOUSE_URL="http://127.0.0.1:1"), "event store")
    assert (row["status"], row["message"]) == ("fail", "CLICKHOUSE_URL: nothing answers at 127.0.0.1:1.")


def test_events_that_wait_too_long_are_a_warning(data: Path):
    data.mkdir()
    with closing(SqliteQueue(data / "queue.db", clock=lambda: now_ms() - 90_000)) as queue:
        queue.append_now(b"x", 3)
    row = found(run(), "queue")
    assert row["status"] == "warn"
    assert re.fullmatch(r"3 events wait, the oldest for 9\d s", row["message"])
    assert "eventlens serve" in row["mend"]


def test_dead_letters_are_a_warning(data: Path):
    data.mkdir()
    with closing(SqliteQueue(data / "queue.db")) as queue:
        bury(queue, b"x", "no such unit: parsec")
    row = found(run(), "queue")
    assert row["status"] == "warn"
    assert "1 could not be applied (one of them: no such unit: parsec)" in row["message"]


def test_a_damaged_queue_fails(data: Path):
    data.mkdir()
    (data / "queue.db").write_bytes(b"garbage" * 1000)
    assert found(run(), "queue")["status"] == "fail"


def test_a_redis_that_forgets_is_a_warning(data: Path, make_redis: Callable[..., RedisServer]):
    assert found(run(), "redis")["status"] == "ok"
    row = found(run(REDIS_URL=make_redis("--appendonly", "no").url), "redis")
    assert row["status"] == "warn"
    assert "appendonly no" in row["message"]
    assert "Set appendonly yes." in row["mend"]
    assert found(run(REDIS_URL="redis://127.0.0.1:1"), "redis")["status"] == "fail"


def test_another_command_that_has_the_store_is_a_warning(data: Path):
    settings = Settings.load({}, data.parent)
    with claimed_directory(settings, "migrate"):
        row = found(run(), "event store")
    assert row["status"] == "warn"
    assert "eventlens migrate" in row["message"]


def test_it_works_while_a_server_runs(server: Server):
    done = server.run("check", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0, done.stdout
    assert re.match(rf"the server at \S+:{server.port} is ready", rows["event store"]["message"])
    assert "events wait" in rows["queue"]["message"]


def test_a_server_that_hangs_is_told(make_server: Callable[..., Server]):
    server = make_server().start()
    server.child.send_signal(signal.SIGSTOP)
    try:
        done = server.run("check", "--json")
    finally:
        server.child.send_signal(signal.SIGCONT)
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1
    assert rows["event store"]["status"] == "fail"
    assert "does not answer" in rows["event store"]["message"]


def send_as(server: Server, agents: int, addresses: int, requests: int = 80) -> None:
    """Visitors with different browsers, through a proxy on this machine that says their addresses."""
    project = server.project(domain="shop.example")
    for number in range(requests):
        headers = {
            "user-agent": f"{BROWSER} OPR/{number % agents}.0",
            "x-forwarded-for": f"93.184.216.{number % addresses}",
        }
        body = {"type": "track", "payload": {"name": "screen_view", "path": f"/{number}"}}
        write = {"event-lens-client-id": project.write.id, "origin": "https://shop.example"}
        assert server.http.post("/track", json=body, headers={**headers, **write}).status_code == 200


@pytest.mark.parametrize(
    ("agents", "addresses", "trusted", "status"),
    [
        (30, 40, "", "warn"),
        (30, 40, "127.0.0.1", "ok"),
        (3, 40, "", "ok"),  # a household
        (30, 1, "127.0.0.1", "warn"),  # a second proxy behind the first
    ],
)
def test_many_visitors_behind_one_address_are_told(
    make_server: Callable[..., Server],
    agents: int,
    addresses: int,
    trusted: str,
    status: str,
):
    server = make_server(TRUSTED_PROXIES=trusted) if trusted else make_server()
    server.start()
    send_as(server, agents, addresses)
    done = server.run("check", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"]}
    found = rows["visitors' addresses"]
    assert (done.returncode, found["status"]) == (0, status), found
    if status == "warn":
        assert "100% of the requests" in found["message"]
        assert "TRUSTED_PROXIES" in found["mend"]
        assert "93.184.216" not in done.stdout, "somebody's address"
    if status == "warn" and not trusted:
        assert "the address 127.0.0.1" in found["message"]
