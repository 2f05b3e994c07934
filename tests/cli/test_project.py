import json
import stat
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eventlens.accounts.clients import Clients, secret_matches
from eventlens.accounts.projects import Projects
from eventlens.catalog.connect import open_catalog
from eventlens.cli import main
from eventlens.settings import Settings
from tests.support.processes import run_command


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def project(*words: str) -> Result:
    return CliRunner().invoke(main, ["project", *words])


def test_a_new_installation_is_told(data: Path):
    assert f"a new installation begins in {data}" in project("create", "First").stderr
    assert "installation" not in project("create", "Second").stderr


def test_create_answers_as_the_contract_says(data: Path):
    done = project("create", "Café", "--domain", "shop.example", "--timezone", "Europe/Berlin", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert set(answer) == {"project_id", "name", "clients"}
    assert answer["name"] == "Café"
    assert [set(client) for client in answer["clients"]] == [{"id", "secret", "type"}] * 3
    assert [client["type"] for client in answer["clients"]] == ["write", "read", "root"]
    assert done.stderr == ""

    catalog = open_catalog(Settings.load({}, data.parent))
    made = Projects(catalog).find(answer["project_id"])
    assert made is not None
    assert (made.domain, made.timezone) == ("shop.example", "Europe/Berlin")
    for shown in answer["clients"]:
        client = Clients(catalog).find(shown["id"])
        assert client is not None
        assert client.type == shown["type"]
        assert secret_matches(client, shown["secret"])
    catalog.close()


def test_create_for_people_shows_ids_and_secrets(data: Path):
    done = project("create", "Shop")
    assert done.exit_code == 0
    assert "Project Shop" in done.stdout
    assert done.stdout.count("secret sec_") == 3
    assert "cannot be shown again" in done.stderr


def test_list(data: Path):
    missing = project("list", "--json")
    assert (missing.exit_code, str(data) in missing.stderr, data.exists()) == (2, True, False)
    ids = [json.loads(project("create", name, "--json").stdout)["project_id"] for name in ("b", "a")]
    rows = json.loads(project("list", "--json").stdout)
    assert [row["project_id"] for row in rows] == ids
    fields = {"project_id", "name", "domain", "timezone", "created_at"}
    assert set(rows[0]) == {*fields, "allow_unverified_revenue", "event_retention_days"}
    assert [line.split()[0] for line in project("list").stdout.splitlines()] == ids


def test_data_may_be_given_on_the_command_line(data: Path, tmp_path: Path):
    assert project("create", "Shop", "--data", str(tmp_path / "other")).exit_code == 0
    assert (tmp_path / "other" / "catalog.db").exists()
    assert not data.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", ""], "name must be"),
        (["create", "Shop", "--timezone", "Mars"], "timezone must be"),
        (["create", "Shop", "--domain", "a b"], "domain must be"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(data: Path, words: list[str], said: str):
    done = project(*words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert json.loads(project("list", "--json").stdout) == []
    assert "no project yet" in project("list").stderr


def test_the_domain_s_pages_may_use_the_write_client(data: Path):
    done = project("create", "Shop", "--domain", "shop.example")
    assert "https://shop.example, https://*.shop.example may send" in done.stdout


def test_the_data_directory_is_its_owner_s_alone(data: Path):
    assert project("create", "Shop").exit_code == 0
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_directory_that_cannot_be_made_is_one_sentence():
    done = project("create", "Shop", "--data", "/proc/x")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("eventlens: EVENTLENS_DATA: /proc/x cannot be used")


def test_a_damaged_catalog_is_one_sentence(data: Path):
    data.mkdir()
    (data / "catalog.db").write_bytes(b"garbage" * 1000)
    done = run_command("project", "list", data=data)
    assert done.returncode == 2
    assert "is damaged" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_works_while_a_server_runs(server):
    made = json.loads(server.run("project", "create", "Beside", "--json").stdout)
    rows = json.loads(server.run("project", "list", "--json").stdout)
    assert made["project_id"] in {row["project_id"] for row in rows}


@pytest.fixture
def made(data: Path) -> str:
    return json.loads(project("create", "Shop", "--json").stdout)["project_id"]


def answer(*words: str):
    done = project(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_set_changes_what_is_given(made: str):
    before = answer("list")[0]
    changed = answer("set", made, "--timezone", "Asia/Tokyo", "--unverified-revenue")
    assert changed == {**before, "timezone": "Asia/Tokyo", "allow_unverified_revenue": True}
    assert answer("list") == [changed]
    assert "revenue counts without the secret" in project("set", made, "--name", "Store").stdout
    assert answer("set", made, "--no-unverified-revenue")["allow_unverified_revenue"] is False
    assert answer("list")[0]["name"] == "Store"


def test_filters_are_added_listed_and_removed(made: str):
    of = ("--project", made)
    assert "Nothing is filtered" in project("filter", "list", *of).stderr
    office = answer("filter", "add", *of, "ip", "203.0.113.7/24", "--note", "the office")
    assert (office["kind"], office["value"], office["note"]) == ("ip", "203.0.113.0/24", "the office")
    admin = answer("filter", "add", *of, "path", "/admin/*")
    assert answer("filter", "list", *of) == [office, admin]
    words = project("filter", "list", *of).stdout.splitlines()
    assert [line.split()[0] for line in words] == [office["id"], admin["id"]]
    assert "203.0.113.0/24  (the office)" in words[0]
    assert answer("filter", "remove", *of, office["id"]) == office
    assert answer("filter", "list", *of) == [admin]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["set", "nowhere", "--name", "x"], 2, "there is no project 'nowhere'"),
        (["set", "{id}", "--timezone", "Mars"], 2, "timezone must be"),
        (["filter", "add", "--project", "nowhere", "ip", "203.0.113.7"], 2, "there is no project"),
        (["filter", "list", "--project", "nowhere"], 2, "there is no project"),
        (["filter", "add", "--project", "{id}", "country", "DE"], 2, "is not one of"),
        (["filter", "add", "--project", "{id}", "ip", "here"], 2, "value must be an address"),
        (["filter", "remove", "--project", "{id}", "nothing"], 1, "no such filter"),
    ],
)
def test_wrong_use_of_set_and_filter(made: str, words: list[str], code: int, said: str):
    done = project(*[word.format(id=made) for word in words])
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert answer("filter", "list", "--project", made) == []


def test_filters_work_while_a_server_runs(server):
    made = server.project("Filtered")
    of = ("--project", made.id)
    added = server.run("project", "filter", "add", *of, "event", "debug*", "--json")
    assert json.loads(added.stdout)["value"] == "debug*"
    listed = json.loads(server.run("project", "filter", "list", *of, "--json").stdout)
    assert listed == [json.loads(added.stdout)]
    assert made.track("before").status_code == 200
    server.run("project", "filter", "add", *of, "ip", "127.0.0.0/8")
    deadline = time.monotonic() + 10 + 2  # the stated life, and an answer's
    while made.track("x").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
