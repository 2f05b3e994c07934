"""What the Node SDK promises, by real processes: protocol, kills, endings, bounds, middleware, package."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ingest.test_protocol import ANSWERS, CALLS, EXAMPLES, body_of
from tests.sdks.server.checks import check_a_site, expected_requests, said, told_events
from tests.support.processes import REPOSITORY, clean_environment
from tests.support.project import Project
from tests.support.scripted import accepted, scripted

PACKAGE = REPOSITORY / "sdks/node"
SCRIPTS = Path(__file__).parent / "node"
EVENTS = 20_000


@pytest.fixture(scope="session")
def built() -> Path:
    """The built package; skipped where what builds it is not installed."""
    if not (REPOSITORY / "dashboard/node_modules/typescript").is_dir():
        pytest.skip("what the dashboard is checked with is not installed (make check-dashboard)")
    newest = max(path.stat().st_mtime for path in (PACKAGE / "src").iterdir())
    made = PACKAGE / "dist/cjs/package.json"
    if not made.exists() or made.stat().st_mtime < newest:
        subprocess.run(["node", "build.mjs"], cwd=PACKAGE, check=True, timeout=110)
    return PACKAGE / "dist/esm"


def words(built: Path, script: str, *more: object) -> list[str]:
    return ["node", str(SCRIPTS / script), str(built / "index.js"), *map(str, more)]


def run(built: Path, script: str, *more: object) -> Any:
    """What a script prints, as JSON."""
    done = subprocess.run(
        words(built, script, *more),
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout else done.stderr


def test_calls_make_what_the_protocol_says(built, tmp_path) -> None:
    (tmp_path / "calls").write_text(json.dumps({"calls": CALLS}))
    with scripted() as server:
        assert run(built, "protocol.mjs", server.url, "id", "secret", tmp_path / "calls")["flushed"]
    assert len(server.events) == len(CALLS)
    for call, event in zip(CALLS, server.events, strict=True):
        asked = call["body"]["payload"]
        added = {"timestamp"} if event["type"] == "group" else {"id", "timestamp"}
        payload = event["payload"]
        assert all(payload.get(name) for name in added)
        found = {
            name: value for name, value in event["payload"].items() if name in asked or name not in added
        }
        assert (event["type"], found) == (call["body"]["type"], asked)
    assert server.headers[0]["event-lens-client-secret"] == "secret"
    assert server.headers[0]["user-agent"].startswith("event-lens-node/")


def test_what_is_accepted_and_what_is_refused(built, project: Project, tmp_path) -> None:
    refused = [example for example in EXAMPLES["refused"] if example.get("trusted", True)]
    bodies = [body_of(example) for example in (*EXAMPLES["accepted"], *refused)]
    (tmp_path / "bodies").write_text(json.dumps({"bodies": bodies}))
    write = project.write
    found = run(built, "protocol.mjs", project.http.base_url, write.id, write.secret, tmp_path / "bodies")
    assert [(one["code"], one["field"]) for one in found["problems"]] == [
        (example["code"], example["field"]) for example in refused
    ]
    assert found["stats"]["accepted"] == len(EXAMPLES["accepted"])


def test_answers_are_understood(built, tmp_path) -> None:
    bodies = [{"type": "track", "payload": {"name": "a", "id": str(number)}} for number in (1, 2)]
    (tmp_path / "bodies").write_text(json.dumps({"bodies": bodies}))
    for answer in [one for one in ANSWERS if one["status"] in (200, 301, 401, 413, 429, 503)]:
        with scripted() as server:
            more = [accepted(1), accepted(1)] if answer["then"] == "halved" else []
            server.script = [said({**answer, "retryAfter": "0"}), *more]
            found = run(built, "protocol.mjs", server.url, "id", "secret", tmp_path / "bodies")
        assert found["flushed"], answer["why"]
        assert expected_requests(answer) == [
            [event["payload"]["id"] for event in batch] for batch in server.batches
        ], answer["why"]
        assert sum(one["events"] for one in found["problems"]) == told_events(answer), answer["why"]


@pytest.mark.timeout(300)
def test_a_killed_server_loses_and_doubles_nothing(built, make_server) -> None:
    server = make_server(TRACK_BATCH_LIMIT="500", LOG_LEVEL="error").start()
    project = server.project("Killed")
    command = words(built, "many.mjs", server.url, project.write.id, project.write.secret, EVENTS)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        server.kill9()
        server.start()
        found = json.loads(process.stdout.read())
    assert found["flushed"]
    assert found["problems"] == []
    assert (found["stats"]["accepted"], found["stats"]["waiting"]) == (EVENTS, 0)
    assert found["stats"]["retries"] > 0, "the kill hit nobody"
    project.settle(60)
    numbers = project.metrics(range="last24h")
    assert (numbers["total_events"], numbers["unique_visitors"]) == (EVENTS, 100)


def test_a_process_that_ends_sends_what_waits(built) -> None:
    for how in ("ends", "closes"):
        with scripted() as server:
            run(built, "ending.mjs", server.url, how)
        assert [event["payload"]["name"] for event in server.events] == ["main"], how


def test_the_end_of_a_process_waits_only_so_long(built) -> None:
    with scripted() as server:
        server.gate.clear()
        begun = time.monotonic()
        assert "unsent" in run(built, "ending.mjs", server.url, "hangs")
        assert time.monotonic() - begun < 9


def test_the_loop_turns_and_memory_is_bounded_while_a_server_hangs(built) -> None:
    with scripted() as server:
        server.gate.clear()
        found = run(built, "busy.mjs", server.url)
    assert found["worst"] < 2_000
    assert not found["flushed"]
    assert found["stats"]["waitingBytes"] <= 300_000
    assert found["stats"]["dropped"] == found["told"]["full"] > 0
    assert found["stats"]["dropped"] + found["stats"]["waiting"] == 2000


@pytest.mark.parametrize("framework", ["express", "fastify"])
def test_middleware_knows_whose_request_it_is(built, project: Project, framework: str) -> None:
    if not (PACKAGE / "node_modules" / framework).is_dir():
        pytest.skip(f"{framework} is not installed (make sdks/node/node_modules/.stamp)")
    write = project.write
    command = ["node", str(SCRIPTS / "site.mjs"), str(built), framework, str(project.http.base_url)]
    command += [write.id, write.secret]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=clean_environment(), **pipes) as process:
        assert process.stdout is not None
        with httpx.Client(base_url=f"http://127.0.0.1:{process.stdout.readline().strip()}") as site:
            check_a_site(site, project, lambda: process.communicate(timeout=60))


def test_the_package_holds_what_it_should_and_loads_both_ways(built, tmp_path) -> None:
    done = subprocess.run(
        ["npm", "pack", "--ignore-scripts", "--json", "--pack-destination", str(tmp_path)],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [packed] = json.loads(done.stdout)
    names = {file["path"] for file in packed["files"]}
    for name in ("package.json", "README.md", "CHANGELOG.md", "LICENSE", "dist/cjs/package.json"):
        assert name in names
    for entry in ("index", "express", "fastify"):
        assert {
            f"dist/{form}/{entry}{end}" for form in ("esm", "cjs") for end in (".js", ".js.map", ".d.ts")
        } <= names
    assert not [name for name in names if name.split("/")[0] not in ("dist", "src") and "/" in name]
    home = tmp_path / "node_modules/@event-lens"
    home.mkdir(parents=True)
    shutil.unpack_archive(tmp_path / packed["filename"], home)
    (home / "package").rename(home / "node")
    for name, how in (("a.cjs", "const x = require"), ("a.mjs", "const x = await import")):
        code = f'{how}("@event-lens/node"); console.log(x.version, typeof x.EventLens);'
        for entry in ("express", "fastify"):
            code += f'console.log(typeof ({how.split("= ")[1]}("@event-lens/node/{entry}")).eventLens);'
        (tmp_path / name).write_text(code)
        command: Any = {"capture_output": True, "text": True, "timeout": 30}
        loaded = subprocess.run(["node", name], cwd=tmp_path, check=True, **command)
        version = json.loads((PACKAGE / "package.json").read_text())["version"]
        assert loaded.stdout.split() == [version, "function", "function", "function"]
