import json
from pathlib import Path

from eventlens.accounts.links import Links
from eventlens.accounts.setup import first_setup
from eventlens.catalog.connect import open_catalog
from eventlens.catalog.migrate import migrate
from eventlens.settings import Settings
from tests.support.processes import run_command


def test_an_owner_who_is_locked_out_gets_a_link(tmp_path: Path) -> None:
    data, environment = tmp_path / "data", {"EVENTLENS_BASE_URL": "https://lens.example"}
    catalog = open_catalog(Settings.load({"EVENTLENS_DATA": str(data)}, tmp_path))
    migrate(catalog)
    made = first_setup(catalog)
    assert made is not None
    Links(catalog).use(made.token, "correct horse battery", email="ada@example.com", name="Ada")
    done = run_command(
        "user", "reset-password", "Ada@example.com", "--json", data=data, environment=environment
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    page, token = answer["url"].split("#token=")
    assert (answer["email"], page) == ("ada@example.com", "https://lens.example/reset-password")
    assert Links(catalog).find(token).kind == "reset"
    unknown = run_command("user", "reset-password", "nobody@example.com", data=data)
    assert unknown.returncode == 1
    assert "user list" in unknown.stderr
    listed = run_command("user", "list", data=data)
    assert listed.stdout == "ada@example.com  owner\n"
    catalog.close()
