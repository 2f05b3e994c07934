import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eventlens.accounts.clients import Clients, secret_matches
from eventlens.catalog.connect import open_catalog
from eventlens.cli import main
from eventlens.settings import Settings
from tests.support.project import BROWSER


@pytest.fixture
def project_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return answer("project", "create", "Shop", "--json")["project_id"]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def answer(*words: str) -> Any:
    done = run(*words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def fits(client_id: str, secret: str) -> bool:
    catalog = open_catalog(Settings.load({}, Path.cwd()))
    client = Clients(catalog).find(client_id)
    catalog.close()
    return client is not None and secret_matches(client, secret)


def test_create_shows_a_secret_that_fits(project_id: str):
    words = ["client", "create", "--project", project_id, "--type", "write", "--name", "App"]
    made = answer(*words, "--origin", "https://a.example/", "--origin", "*.b.example", "--json")
    assert (made["type"], made["name"]) == ("write", "App")
    assert made["origins"] == ["https://a.example", "*.b.example"]
    assert fits(made["id"], made["secret"])
    for_people = run(*words)
    assert "secret sec_" in for_people.stdout
    assert "cannot be shown again" in for_people.stderr


def test_a_client_that_needs_no_secret_is_told_as_such(project_id: str):
    words = ["client", "create", "--project", project_id, "--type", "write", "--json"]
    assert answer(*words)["ignore_cors_and_secret"] is False
    assert answer(*words, "--ignore-cors-and-secret")["ignore_cors_and_secret"] is True
    assert run("client", "list", "--project", project_id).stdout.count("needs no secret") == 1


def test_list_has_every_client_and_no_secret(project_id: str):
    rows = answer("client", "list", "--project", project_id, "--json")
    assert sorted(row["type"] for row in rows) == ["read", "root", "write"]
    assert "sec_" not in json.dumps(rows)
    words = run("client", "list", "--project", project_id).stdout
    assert all(row["id"] in words for row in rows)


def test_rotate_and_revoke(project_id: str):
    made = answer("client", "create", "--project", project_id, "--type", "read", "--json")
    changed = answer("client", "rotate", made["id"], "--json")
    assert fits(made["id"], changed["secret"])
    assert not fits(made["id"], made["secret"])
    assert "is revoked" in run("client", "revoke", made["id"]).stdout
    assert not fits(made["id"], changed["secret"])
    assert run("client", "rotate", made["id"]).exit_code == 1
    assert "revoked" in run("client", "list", "--project", project_id).stdout


def test_rotate_with_a_grace(project_id: str):
    made = answer("client", "create", "--project", project_id, "--type", "write", "--json")
    changed = answer("client", "rotate", made["id"], "--grace", "3600", "--json")
    assert changed["grace_seconds"] == 3600
    assert fits(made["id"], made["secret"])
    assert fits(made["id"], changed["secret"])
    assert "its old secret is still taken" in run("client", "list", "--project", project_id).stdout
    rows = answer("client", "list", "--project", project_id, "--json")
    assert [row["id"] for row in rows if row["old_secret_taken"]] == [made["id"]]
    answer("client", "rotate", made["id"], "--json")
    assert not fits(made["id"], changed["secret"])


def test_revoke_answers_in_json(project_id: str):
    made = answer("client", "create", "--project", project_id, "--type", "read", "--json")
    assert answer("client", "revoke", made["id"], "--json") == {"id": made["id"], "revoked": True}
    assert run("client", "revoke", made["id"]).exit_code == 1


def test_origins_are_shown_added_and_removed(project_id: str):
    made = answer("client", "create", "--project", project_id, "--type", "write", "--json")
    origins = ["client", "origins", made["id"]]
    assert "No page may send" in run(*origins).stderr
    added = answer(*origins, "--add", "https://a.example", "--add", "https://b.example", "--json")
    assert added["origins"] == ["https://a.example", "https://b.example"]
    assert run(*origins, "--remove", "https://A.example/").stdout == "https://b.example\n"
    assert run(*origins).stdout == "https://b.example\n"


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--project", "nowhere", "--type", "write"],
        ["create", "--project", "{project}", "--type", "admin"],
        ["create", "--project", "{project}", "--type", "write", "--origin", "https://a.example/path"],
        ["list", "--project", "nowhere"],
        ["origins", "nobody"],
        ["origins", "{client}", "--remove", "https://a.example"],
        ["origins", "{client}", "--add", "not an origin"],
        ["origins", "{client}", "--remove", "not an origin"],
        ["rotate", "{client}", "--grace", "-1"],
        ["rotate", "{client}", "--grace", "2592001"],
    ],
)
def test_wrong_use(project_id: str, words: list[str]):
    client = answer("client", "list", "--project", project_id, "--json")[0]["id"]
    done = run("client", *[word.format(project=project_id, client=client) for word in words])
    assert done.exit_code == 2
    assert done.stdout == ""


def test_a_page_of_the_domain_sends_without_the_secret(server):
    made = json.loads(server.run("project", "create", "Shop", "--domain", "shop.example", "--json").stdout)
    write = made["clients"][0]["id"]

    def send(origin: str) -> int:
        headers = {"event-lens-client-id": write, "origin": origin, "user-agent": BROWSER}
        body = {"type": "track", "payload": {"name": "screen_view", "path": "/"}}
        return server.http.post("/track", json=body, headers=headers).status_code

    assert send("https://shop.example") == 200
    assert send("https://www.shop.example") == 200
    assert send("https://other.example") == 401
    assert send("http://shop.example") == 401


def test_changes_reach_a_running_server_within_the_stated_time(server):
    made = json.loads(server.run("project", "create", "Shop", "--json").stdout)
    write, secret = made["clients"][0]["id"], made["clients"][0]["secret"]

    def send(secret: str) -> int:
        headers = {"event-lens-client-id": write, "event-lens-client-secret": secret}
        body = {"type": "track", "payload": {"name": "x"}}
        return server.http.post("/track", json=body, headers=headers).status_code

    def within_the_life(secret: str, status: int) -> None:
        deadline = time.monotonic() + 10 + 2  # the cache's life, and an answer's
        while (found := send(secret)) != status:
            assert time.monotonic() < deadline, f"still {found}"
            time.sleep(0.1)

    assert send(secret) == 200
    done = server.run("client", "rotate", write, "--grace", "600", "--json")
    fresh = json.loads(done.stdout)["secret"]
    within_the_life(fresh, 200)
    assert send(secret) == 200
    server.run("client", "revoke", write)
    within_the_life(fresh, 401)
    assert send(secret) == 401
