"""`eventlens dead-letters`, beside whoever else has the queue open."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eventlens.cli import main
from eventlens.events import Add, Context, Envelope, Identify, Track, pack
from eventlens.queues.sqlite import SqliteQueue
from tests.support.letters import bury

AT = 1_790_000_000_000  # 2026-09-21T14:13:20Z


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["dead-letters", *words])


def answer(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def record(project: str, *names: str) -> bytes:
    tracks = [Track(name, AT, own_time=True, id=f"id-{name}", device_id="d") for name in names]
    return pack([Envelope(Context(project, country="NP"), [*tracks])])


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteQueue]:
    """Open in this process as a server has it."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["project", "create", "Shop"]).exit_code == 0
    with closing(SqliteQueue(tmp_path / "data" / "queue.db")) as opened:
        yield opened


def bodies(queue: SqliteQueue) -> list[bytes]:
    claim = queue.claim(10_000)
    return [record.body for record in claim.records] if claim else []


def test_list_says_what_and_why_newest_first(queue: SqliteQueue):
    assert answer("list") == {"dead_letters": [], "next_before": None}
    assert "no dead letters" in run("list").stderr
    bury(queue, record("shop", "charge", "screen_view", "charge"), "ValueError at insert:7", events=3)
    bury(queue, b"\xc1 garbage", "DecodeError")
    newest, oldest = answer("list")["dead_letters"]
    assert (newest["project_id"], newest["commands"], newest["kinds"]) == (None, None, [])
    assert (oldest["project_id"], oldest["commands"]) == ("shop", 3)
    assert oldest["kinds"] == ["track charge", "track screen_view"]
    assert oldest["error"] == "ValueError at insert:7"
    assert oldest["arrived_at"] <= oldest["failed_at"]
    words = run("list").stdout.splitlines()
    assert "unreadable" in words[0]
    assert "track charge, track screen_view" in words[1]


def test_list_goes_page_by_page_and_by_project(queue: SqliteQueue):
    for n in range(5):
        bury(queue, record("shop" if n % 2 else "blog", f"e{n}"))
    page = answer("list", "--limit", "3")
    rest = answer("list", "--limit", "3", "--before", str(page["next_before"]))
    kinds = [row["kinds"] for row in [*page["dead_letters"], *rest["dead_letters"]]]
    assert kinds == [[f"track e{n}"] for n in (4, 3, 2, 1, 0)]
    assert rest["next_before"] is None
    of_shop = answer("list", "--project", "shop", "--limit", "1")
    assert of_shop["dead_letters"][0]["kinds"] == ["track e3"]
    more = answer("list", "--project", "shop", "--limit", "1", "--before", str(of_shop["next_before"]))
    assert (more["dead_letters"][0]["kinds"], more["next_before"]) == (["track e1"], None)


def test_show_tells_the_commands_as_json_for_people(queue: SqliteQueue):
    commands = [
        Track("buy", AT, own_time=True, id="x", properties=b'{"size":[1,"L"]}', groups=("g",)),
        Identify("ada", AT, properties={"plan": b'"pro"', "bad": b"\xff"}),
        Add("ada", AT, "coins", b"-2.5"),
    ]
    bury(queue, pack([Envelope(Context("shop", country="NP"), [*commands])]))
    letter = answer("list")["dead_letters"][0]
    shown = answer("show", str(letter["id"]))
    assert {name: shown[name] for name in letter} == letter
    (request,) = shown["requests"]
    assert request["context"] == {"project_id": "shop", "country": "NP", "outside_sessions": False}
    track, identify, add = request["commands"]
    assert track["type"] == "track"
    assert track["timestamp"] == "2026-09-21T14:13:20.000+00:00"
    assert track["properties"] == {"size": [1, "L"]}
    assert identify["properties"] == {"plan": "pro", "bad": "\\xff"}
    assert (add["type"], add["value"]) == ("add", -2.5)
    assert "\n" in run("show", str(letter["id"])).stdout.strip()


def test_what_cannot_be_read_is_shown_as_it_is(queue: SqliteQueue):
    bury(queue, b"\xc1")
    letter = answer("list")["dead_letters"][0]
    assert answer("show", str(letter["id"]))["unreadable"] == "wQ=="


def test_times_that_no_calendar_has_are_shown_all_the_same(queue: SqliteQueue):
    bury(queue, pack([Envelope(Context("shop"), [Track("x", 10**17, own_time=True)])]))
    letter = answer("list")["dead_letters"][0]
    (command,) = answer("show", str(letter["id"]))["requests"][0]["commands"]
    assert command["timestamp"] == str(10**17)


def test_replay_puts_the_chosen_back_in_their_order(queue: SqliteQueue):
    kept = [record("shop", f"e{n}") for n in range(4)]
    for body in kept:
        bury(queue, body)
    letters = [str(row["id"]) for row in answer("list")["dead_letters"]]
    assert answer("replay", letters[0], letters[2]) == {"replayed": 2, "missing": []}
    assert bodies(queue) == [kept[1], kept[3]]
    assert [row["kinds"] for row in answer("list")["dead_letters"]] == [["track e2"], ["track e0"]]


def test_replay_and_discard_of_a_project_or_of_all(queue: SqliteQueue):
    for n in range(6):
        bury(queue, record("shop" if n % 2 else "blog", f"e{n}"))
    bury(queue, b"\xc1")
    assert answer("discard", "--project", "blog") == {"discarded": 3, "missing": []}
    assert answer("replay", "--project", "shop")["replayed"] == 3
    assert bodies(queue) == [record("shop", f"e{n}") for n in (1, 3, 5)]
    assert run("replay", "--all").stdout == "1 replayed.\n"
    assert answer("replay", "--all")["replayed"] == 0


def test_more_than_one_transaction_keeps_the_order(queue: SqliteQueue):
    names = [f"e{n}" for n in range(1300)]
    for first in range(0, 1300, 100):
        bury(queue, record("shop", *names[first : first + 100]), events=100)
    assert answer("replay", "--all")["replayed"] == 13
    found: list[bytes] = []
    while claim := queue.claim(10_000):
        found += [record.body for record in claim.records]
        queue.acknowledge(claim)
    assert found == [record("shop", *names[first : first + 100]) for first in range(0, 1300, 100)]


@pytest.mark.parametrize("action", ["replay", "discard"])
def test_one_says_which_ones(queue: SqliteQueue, action: str):
    bury(queue, record("shop", "e"))
    for words in ([], ["--all", "--project", "shop"], ["1", "--all"]):
        done = run(action, *words)
        assert done.exit_code == 2
        assert "--all" in done.stderr
    missing = run(action, "1", "77", "--json")
    assert missing.exit_code == 1
    assert json.loads(missing.stdout) == {f"{action}ed": 1, "missing": [77]}
    assert "There is no dead letter 77." in missing.stderr
    assert run("show", "77").exit_code == 1


def test_without_data_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert run("list").exit_code == 2
    assert list(tmp_path.iterdir()) == []
