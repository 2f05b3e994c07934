"""A store with damage says so: it neither begins anew nor answers with less in silence."""

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from eventlens import store
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings
from eventlens.store.health import confirm
from eventlens.store.migrate import migrate
from tests.support.processes import run_command
from tests.support.stores import open_in

REPOSITORY = Path(__file__).parents[2]
OPEN = """
    import logging, sys
    from eventlens.errors import EventLensError
    from eventlens.runtime import open_runtime
    from eventlens.settings import Settings
    logging.basicConfig(format="%(levelname)s %(message)s")
    try:
        runtime = open_runtime(Settings.load({"EVENTLENS_DATA": sys.argv[1]}, None))
        for sql in sys.argv[2:]:
            if sql.startswith("INSERT"):
                runtime.store.command(sql)
            else:
                print(runtime.services.store.query(sql).rows[0][0])
        runtime.close()
    except EventLensError as error:
        print(type(error).__name__, error)
"""
INSERT = """INSERT INTO events (project_id, timestamp, arrival, id)
    SELECT 'p', '2026-11-01 00:00:00', number, toString(rand64()) FROM numbers(1000)"""
COUNT = "SELECT count() FROM events"
NEWEST = max(int(path.name[:4]) for path in Path(store.__file__).parent.glob("migrations/*.sql"))
READ = "SELECT count(), max(id), max(arrival), max(version) FROM events FINAL"


def opened(data: Path, *sqls: str) -> str:
    """What a process says that opens everything and asks; the embedded engine opens once a process."""
    command = [sys.executable, "-c", textwrap.dedent(OPEN), str(data), *sqls]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("filled") / "data"
    assert opened(data, INSERT, COUNT) == "1000\n"
    return data


@pytest.fixture
def data(filled, tmp_path) -> Path:
    shutil.copytree(filled, tmp_path / "data", symlinks=True)
    return tmp_path / "data"


def column_file(data: Path) -> Path:
    found = [path for path in data.glob("store/store/*/*/202611_*/data.bin") if path.is_file()]
    return max(found, key=lambda path: path.stat().st_size)


def event_store_finding(data: Path) -> dict[str, str]:
    answer = json.loads(run_command("check", "--json", data=data).stdout)
    return next(check for check in answer["checks"] if check["name"] == "event store")


def test_a_whole_store_opens_without_a_word(data):
    assert opened(data, COUNT) == "1000\n"
    assert json.loads((data / "store.json").read_text()) == {"schema": NEWEST}
    assert event_store_finding(data)["status"] == "ok"


@pytest.mark.parametrize("content", [None, "", "[]", '{"schema": 0}'])
def test_a_store_without_a_proper_marker_opens_and_gets_one(data, content):
    (data / "store.json").unlink()
    if content is not None:
        (data / "store.json").write_text(content)
    assert opened(data, COUNT) == "1000\n"
    assert json.loads((data / "store.json").read_text()) == {"schema": NEWEST}


@pytest.mark.parametrize("gone", ["store", "store/metadata", "store/metadata/default"])
def test_a_store_that_is_gone_is_not_begun_anew(data, gone):
    path = data / gone
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path)
    said = opened(data, COUNT)
    assert said.startswith("ConfigurationError")
    said_of = path.parent if path.name == "default" else path  # which is empty then
    assert f"({said_of} is missing or empty)" in said
    assert "restore a backup" in said
    assert not path.exists()
    assert event_store_finding(data)["status"] == "fail"
    if gone == "store":
        (data / "store.json").unlink()
        assert opened(data, COUNT) == "0\n"


@pytest.mark.parametrize("marked", [True, False])
def test_a_table_whose_definition_is_gone_stops_the_start(data, marked):
    (data / "store/metadata/default/events.sql").unlink()
    if not marked:
        (data / "store.json").unlink()
    said = opened(data, COUNT)
    assert said.startswith("ConfigurationError")
    assert "the table events is missing" in said
    assert (data / "store.json").exists() == marked


def test_a_part_that_was_cut_is_warned_of(data):
    path = column_file(data)
    path.write_bytes(path.read_bytes()[:100])
    said = opened(data, COUNT)
    assert said.startswith("0\nWARNING The event store is damaged: 1 part ")
    assert "not counted; restore a backup" in said
    found = event_store_finding(data)
    assert found["status"] == "warn"
    assert "1 part could not be read" in found["message"]


def test_flipped_bytes_are_unavailable_and_called_damage(data):
    path = column_file(data)
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), 50):
        content[place] ^= 0xFF
    path.write_bytes(content)
    said = opened(data, READ)
    assert said.startswith("StoreUnavailable The event store is damaged; restore a backup (")


def test_a_table_dropped_meanwhile_is_named_as_missing(data):
    said = opened(data, "INSERT INTO nothing VALUES (1)")
    assert said.startswith("StoreUnavailable A table of the event store is missing")


def test_a_server_needs_all_tables_and_no_marker(tmp_path, clickhouse_node):
    store = open_in(tmp_path, clickhouse_node)
    settings = Settings.load({"EVENTLENS_DATA": str(tmp_path), "CLICKHOUSE_URL": clickhouse_node.url()}, None)
    migrate(store)
    confirm(store, settings)
    assert not (tmp_path / "store.json").exists()
    store.command("DROP TABLE sessions SYNC")
    store.command("DROP TABLE excluded SYNC")
    with pytest.raises(ConfigurationError, match="the tables excluded, sessions are missing"):
        confirm(store, settings)
    store.close()
