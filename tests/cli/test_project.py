import json
import stat
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
    assert set(rows[0]) == {"project_id", "name", "domain", "timezone", "created_at"}
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
