"""The contract of the store, on every kind of it."""

import itertools
import logging
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from eventlens.errors import ConfigurationError, QueryLimit, StoreUnavailable
from eventlens.sessions import SESSION_GAP_MS, SESSION_GAP_SQL
from eventlens.store import events as event_rows
from eventlens.store.base import QUESTIONS_AT_ONCE, StoreMistake
from eventlens.store.connect import open_questions, open_store
from eventlens.store.migrate import migrate
from tests.support.clickhouse import start_node
from tests.support.processes import REPOSITORY
from tests.support.stores import open_in, store_settings

_projects = (f"store-{number}" for number in itertools.count())

NASTY = [
    "'",
    "\\",
    "\n",
    "\t",
    "\0",
    "\r",
    "{x:String}",
    "%s",
    "\\N",
    "NULL",
    "é😀",
    '"',
    "`",
    "\\'",
    "]",
    "--",
    "\ufeff",
]


def columns(project: str, *ids: str, arrival: int = 1) -> dict[str, list[Any]]:
    """Rows of `profile_changes`: few columns, no frills."""
    count = len(ids)
    return {
        "project_id": [project] * count,
        "profile_id": ["ada"] * count,
        "property": ["plan"] * count,
        "timestamp": [0] * count,
        "arrival": list(range(arrival, arrival + count)),
        "id": list(ids),
        "operation": ["set"] * count,
        "value": ["1"] * count,
    }


def count(store, project: str) -> int:
    sql = "SELECT count() FROM profile_changes WHERE project_id = {project:String}"
    return store.query(sql, {"project": project}).rows[0][0]


@pytest.fixture
def project() -> str:
    return next(_projects)


def test_a_file_is_written_by_the_engine(store, project, tmp_path):
    store.insert("profile_changes", columns(project, "a", "b", "it's"), "token")
    path = tmp_path / "it's a \\ file.parquet"
    sql = "SELECT id, arrival FROM profile_changes WHERE project_id = {project:String}"
    store.write(sql, {"project": project}, "Parquet", path)
    data = path.read_bytes()
    assert (data[:4], data[-4:]) == (b"PAR1", b"PAR1")
    other = tmp_path / "rows.ndjson"
    store.write(f"{sql} ORDER BY id", {"project": project}, "JSONEachRow", other)
    assert other.read_text().splitlines() == [
        '{"id":"a","arrival":1}',
        '{"id":"b","arrival":2}',
        '{"id":"it\'s","arrival":3}',
    ]


def test_a_file_that_cannot_be_written(store, project, tmp_path):
    with pytest.raises((StoreUnavailable, StoreMistake)):
        store.write("SELECT 1", {}, "Parquet", tmp_path / "nowhere" / "file")
    with pytest.raises((QueryLimit, StoreUnavailable, StoreMistake)):
        store.write("SELECT throwIf(number = 3) FROM numbers(10)", {}, "Parquet", tmp_path / "file")


def test_the_gap_between_sessions_is_the_same_in_sql(store):
    later = f"SELECT toUnixTimestamp64Milli(fromUnixTimestamp64Milli(0, 'UTC') + {SESSION_GAP_SQL})"
    assert store.query(later).rows == [(SESSION_GAP_MS,)]


def test_a_token_counts_once(store, project):
    for _ in range(3):
        store.insert("profile_changes", columns(project, "a", "b"), "token-1")
    assert count(store, project) == 2
    store.insert("profile_changes", columns(project, "a", "b"), "token-2")
    assert count(store, project) == 4


def test_a_token_counts_once_for_each_table(store, project):
    store.insert("profile_changes", columns(project, "a"), f"{project}-both")
    store.insert(
        "excluded",
        {"project_id": [project], "hour": [0], "reason": ["bot"], "name": [""], "count": [1]},
        f"{project}-both",
    )
    assert count(store, project) == 1
    sql = "SELECT count() FROM excluded WHERE project_id = {project:String}"
    assert store.query(sql, {"project": project}).rows == [(1,)]


def test_a_token_counts_once_in_every_partition(store, project):
    """Years of months in one insert: each is a partition, and all of them are in or none again."""
    hours = [month * 2_678_400 for month in range(300)]
    rows = {
        "project_id": [project] * 300,
        "hour": hours,
        "reason": ["bot"] * 300,
        "name": [""] * 300,
        "count": [1] * 300,
    }
    for _ in range(2):
        store.insert("excluded", rows, f"{project}-months")
    sql = "SELECT sum(count) FROM excluded WHERE project_id = {project:String}"
    assert store.query(sql, {"project": project}).rows == [(300,)]


def test_a_large_insert_counts_once(store, project):
    """As large as a batch that moves many long sessions."""
    rows = columns(project, *map(str, range(200_000)))
    for _ in range(2):
        store.insert("profile_changes", rows, f"{project}-large")
    assert count(store, project) == 200_000


def test_nothing_is_inserted_for_no_rows(store, project):
    store.insert("profile_changes", columns(project), "none")
    store.insert("profile_changes", {}, "none")


def test_of_rows_with_one_key_and_version_the_last_one_counts(store, project):
    """What the parts of one claim rest on, before and after a merge."""
    for name in ("first", "second", "third"):
        row = {"project_id": [project], "node": [7], "person": [len(name)], "version": [1]}
        store.insert("identities", row, f"{project}-{name}")
    sql = "SELECT person FROM identities FINAL WHERE project_id = {project:String}"
    assert store.query(sql, {"project": project}).rows == [(5,)]
    store.command("OPTIMIZE TABLE identities FINAL")
    assert store.query(sql, {"project": project}).rows == [(5,)]


def test_any_text_comes_back_as_it_went_in(store, project):
    store.insert("profile_changes", columns(project, *NASTY), f"{project}-nasty")
    found = event_rows.arrivals_since(store, event_rows.CHANGES, project, NASTY, 0)
    assert dict(found) == {text: number for number, text in enumerate(NASTY, 1)}
    for text in NASTY:
        assert store.query("SELECT {text:String}", {"text": text}).rows == [(text,)]


@pytest.mark.parametrize("letter", ["a", "'", "é", "😀"])
def test_thousands_of_long_ids_are_looked_up(store, project, letter):
    ids = [f"{number:05d}" + letter * 123 for number in range(3_000)]
    store.insert("profile_changes", columns(project, *ids[:10]), f"{project}-long")
    found = event_rows.arrivals_since(store, event_rows.CHANGES, project, ids, 0)
    assert sorted(id_ for id_, _ in found) == ids[:10]


def test_thousands_of_days_are_looked_up(store, project):
    """An import may touch every day of half a century."""
    days = list(range(20_000))
    keys = list(range(1 << 63, (1 << 63) + 3_000))
    assert event_rows.spans_near(store, project, keys, days) == []
    assert event_rows.arrivals_on(store, event_rows.EVENTS, project, ["x"], days) == []


def test_too_much_memory_is_a_limit(small_store):
    with pytest.raises(QueryLimit, match="memory"):
        small_store.query("SELECT groupArray(number) FROM numbers(200000000)")
    small_store.ping()


def test_too_much_time_is_a_limit(small_store):
    with pytest.raises(QueryLimit, match="time"):
        small_store.query("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))")
    small_store.ping()


def test_what_the_store_refuses_is_said_without_values(store, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreMistake) as refused:
        store.query("SELECT toUInt8({text:String})", {"text": "jane.doe@example.org"})
    with pytest.raises(StoreMistake) as unknown:
        store.query("SELECT nowhere FROM events WHERE id = {id:String}", {"id": "jane.doe@example.org" * 50})
    for error in (refused.value, unknown.value):
        assert "jane" not in str(error)
        assert len(str(error)) < 400
        assert error.__suppress_context__
    assert "jane" not in caplog.text


def test_a_value_of_the_wrong_kind_is_refused_without_it(store, project):
    rows = columns(project, "a") | {"arrival": ["jane.doe@example.org"]}
    with pytest.raises(StoreMistake) as refused:
        store.insert("profile_changes", rows, f"{project}-wrong")
    assert "jane" not in str(refused.value)


def test_many_threads_share_a_store(store):
    found: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: found.append(store.query("SELECT {n:UInt8}", {"n": n}).rows[0][0])
        )
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(20))


@pytest.fixture
def small_store(store):
    """A store whose questions may take little."""
    caps = dict(store._query_settings)
    store._query_settings |= {"max_memory_usage": 50_000_000, "max_execution_time": 1}
    yield store
    store._query_settings = caps


LITTLE = """
    import sys
    from eventlens.errors import QueryLimit
    from eventlens.settings import Settings
    from eventlens.store.connect import open_store
    from eventlens.store.migrate import migrate
    settings = {"EVENTLENS_DATA": sys.argv[1], "EVENTLENS_QUERY_MEMORY": "64MiB"}
    store = open_store(Settings.load(settings, None))
    migrate(store)
    for _ in range(3):
        try:
            store.query("SELECT uniqExact(number) FROM numbers(20000000)")
        except QueryLimit as error:
            print("EVENTLENS_QUERY_MEMORY" in str(error))
    store.close()
"""


def test_a_question_meets_its_own_limit_before_that_of_the_whole_engine(tmp_path):
    """Also where a question may take as little as can be set."""
    assert child(LITTLE, str(tmp_path)) == ["True"] * 3


RECORD = """
    import sys
    from pathlib import Path
    from eventlens.settings import Settings
    from eventlens.store.connect import open_store
    from eventlens.store.migrate import migrate
    store = open_store(Settings.load({"EVENTLENS_DATA": sys.argv[1]}, None))
    migrate(store)
    row = {"project_id": ["p"], "hour": [0], "reason": ["bot"], "name": [""], "count": [1]}
    store.insert("excluded", row, "token")
    print(store.query("SELECT sum(count) FROM excluded").rows[0][0])
    if len(sys.argv) > 2:
        import os
        os._exit(9)
    store.close()
    try:
        store.ping()
    except Exception as error:
        print(type(error).__name__)
"""


def child(program: str, *words: str) -> list[str]:
    command = [sys.executable, "-c", textwrap.dedent(program), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=REPOSITORY, check=False)
    assert done.returncode in {0, 9}, done.stderr
    return done.stdout.split()


def test_a_token_is_remembered_over_a_crash(tmp_path):
    assert child(RECORD, str(tmp_path), "crash") == ["1"]
    assert child(RECORD, str(tmp_path)) == ["1", "StoreUnavailable"]


def test_a_server_that_is_down_is_unavailable_and_comes_back(tmp_path, clickhouse_node):
    node = start_node(tmp_path / "node")
    try:
        store = open_in(tmp_path / "data", node)
        migrate(store)
        node.kill9()
        with pytest.raises(StoreUnavailable):
            store.ping()
        with pytest.raises(StoreUnavailable):
            store.insert("profile_changes", columns("p", "a"), "t")
        store.close()
        with pytest.raises(ConfigurationError, match="CLICKHOUSE_URL"):
            open_in(tmp_path / "data", None, CLICKHOUSE_URL=node.url())
    finally:
        node.close()


def test_a_damaged_directory_is_explained(tmp_path):
    (tmp_path / "store").write_text("this is no directory")
    with pytest.raises(ConfigurationError, match="data directory cannot be opened"):
        open_in(tmp_path)


SLOW = "SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_block_size = 1"


@pytest.mark.parametrize("kind", ["embedded", "server"])
def test_slow_questions_keep_neither_writing_nor_each_other_waiting(tmp_path, request, kind):
    node = request.getfixturevalue("clickhouse_node") if kind == "server" else None
    settings = store_settings(tmp_path / "data", node)
    settings.data.mkdir()
    with closing(open_store(settings)) as store, closing(open_questions(settings)) as questions:
        migrate(store)
        questions._patience = 0.3  # pyright: ignore[reportAttributeAccessIssue]  # not to wait five seconds
        with ThreadPoolExecutor(QUESTIONS_AT_ONCE) as threads:
            slow = [threads.submit(questions.query, SLOW) for _ in range(QUESTIONS_AT_ONCE)]
            time.sleep(0.5)
            with pytest.raises(QueryLimit, match="busy") as busy:
                questions.query("SELECT 1")
            questions.ping()
            store.insert("profile_changes", columns("p", "a"), "t")
            assert count(store, "p") == 1
            assert not any(each.done() for each in slow)
            assert busy.value.retry_after >= 1
            assert [each.result().rows for each in slow] == [[(0,)] * 3] * QUESTIONS_AT_ONCE
        assert count(questions, "p") == 1
