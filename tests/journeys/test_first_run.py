"""The first minute of a newcomer: start, paste the printed curl, see the event; a second start keeps it."""

import json
import re
import shlex
import time

import httpx

from tests.support.processes import Child
from tests.support.server import Server

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def printed_curl(output: str) -> list[str]:
    """The words of the printed command, its continued lines joined."""
    joined = re.sub(r"\\\r?\n\s*", " ", output)
    line = next(line for line in joined.splitlines() if "curl " in line)
    return shlex.split(line[line.index("curl ") :])


def paste(words: list[str]) -> httpx.Response:
    """Do what curl does with these words."""
    headers: dict[str, str] = {"user-agent": "curl/8.5.0"}
    url, body, iterator = "", "", iter(words[1:])
    for word in iterator:
        if word in {"-H", "--header"}:
            name, _, value = next(iterator).partition(":")
            headers[name.strip().lower()] = value.strip()
        elif word in {"-d", "--data", "--data-raw", "--json"}:
            body = next(iterator)
        elif word in {"-X", "--request"}:
            assert next(iterator) == "POST"
        elif word.startswith("http"):
            url = word
        else:
            assert word.startswith("-"), word
    return httpx.post(url, content=body, headers=headers)


def clients(output: str) -> dict[str, tuple[str, str]]:
    """type → (id, secret), as printed on the first start."""
    found = {}
    for line in output.splitlines():
        kind = re.search(r"\b(write|read|root)\b", line)
        identity, secret = re.search(UUID, line), re.search(r"\bsec_[\w-]+", line)
        if kind and identity and secret:
            found.setdefault(kind[1], (identity[0], secret[0]))
    return found


def wait_for_curl(child: Child) -> str:
    deadline = time.monotonic() + 20
    while "curl " not in child.output and time.monotonic() < deadline:
        time.sleep(0.05)
    return child.output


def test_the_printed_curl_is_visible_within_two_seconds(make_server):
    server: Server = make_server().start()
    output = wait_for_curl(server.child)
    answer = paste(printed_curl(output))
    sent = time.monotonic()
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    assert answer.json()["deviceId"]
    made = clients(output)
    assert set(made) == {"write", "read", "root"}
    project_id = re.search(r"\b[a-z0-9-]*my-site-[a-z0-9]+\b", output)
    assert project_id
    headers = {"event-lens-client-id": made["read"][0], "event-lens-client-secret": made["read"][1]}

    def events() -> int:
        reply = server.http.get(f"/insights/{project_id[0]}/metrics", headers=headers)
        assert reply.status_code == 200, reply.text
        return reply.json()["data"]["total_events"]

    while events() == 0:
        assert time.monotonic() - sent < 2
        time.sleep(0.02)

    server.restart()
    assert "sec_" not in server.child.output, "secrets are printed once"
    assert events() == 1


def test_an_answer_is_never_two_seconds_behind(project):
    for number in range(5):
        assert project.track("step", deviceId="late", id=f"now-{number}").status_code == 200
        sent = time.monotonic()
        while project.metrics(range="today")["total_events"] <= number:
            assert time.monotonic() - sent < 2
            time.sleep(0.01)


def test_commands_work_while_it_serves(server: Server):
    made = server.run(
        "project", "create", "Second", "--domain", "second.test", "--timezone", "Asia/Kathmandu", "--json"
    )
    assert made.returncode == 0, made.stderr
    answer = json.loads(made.stdout)
    assert answer["name"] == "Second"
    assert [client["type"] for client in answer["clients"]] == ["write", "read", "root"]
    assert server.run("migrate").returncode == 0
    assert server.run("check").returncode == 0
