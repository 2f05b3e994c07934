import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from eventlens.accounts.clients import Clients, secret_matches
from eventlens.accounts.links import Links
from eventlens.accounts.projects import Projects
from eventlens.accounts.setup import create_project, first_setup
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import OrganisationMemberRow, UserRow
from eventlens.errors import InvalidInput
from eventlens.settings import Settings
from tests.support.processes import REPOSITORY

SET_UP = """
import sys
from pathlib import Path
from eventlens.accounts.setup import first_setup
from eventlens.catalog.connect import open_catalog
from eventlens.catalog.migrate import migrate
from eventlens.settings import Settings
sys.stdin.readline()
catalog = open_catalog(Settings.load({}, Path(sys.argv[1])))
migrate(catalog)
print(first_setup(catalog) is not None)
"""


def test_the_first_setup_makes_an_owner_and_a_project_with_three_clients(catalog: Catalog, clock):
    made = first_setup(catalog, clock)
    assert made is not None
    assert made.project.name == "My site"
    assert Projects(catalog).list() == [made.project]
    clients = {client.type: client for client in Clients(catalog).list(made.project.id)}
    assert {kind: client.origins for kind, client in clients.items()} == {
        "write": ("*",),  # the printed script tag works wherever it is pasted
        "read": (),
        "root": (),
    }
    for credentials in made.clients:
        assert clients[credentials.type].id == credentials.id
        assert secret_matches(clients[credentials.type], credentials.secret)
    with catalog.session() as session:
        owner = session.scalars(select(UserRow)).one()
        member = session.scalars(select(OrganisationMemberRow)).one()
    assert (owner.email, owner.owner, owner.password_hash) == ("owner@localhost", True, None)
    assert (member.user_id, member.role) == (owner.id, "owner")
    assert member.organisation_id == made.project.organisation_id
    link = Links(catalog, clock).find(made.token)
    assert (link.kind, link.user.id) == ("setup", owner.id)


@pytest.mark.parametrize(
    ("domain", "origins"),
    [
        ("", ()),
        ("example.com", ("https://example.com", "https://*.example.com")),
        ("example.com:8443", ("https://example.com:8443", "https://*.example.com:8443")),
        ("localhost", ("http://localhost", "https://localhost")),
        ("localhost:8080", ("http://localhost:8080", "https://localhost:8080")),
        ("192.0.2.7", ("https://192.0.2.7",)),
        ("münchen.example", ("https://xn--mnchen-3ya.example", "https://*.xn--mnchen-3ya.example")),
    ],
)
def test_the_write_client_may_be_used_by_the_domain_s_pages(
    catalog: Catalog, domain: str, origins: tuple[str, ...]
):
    made = create_project(catalog, "Shop", domain)
    assert made.origins == origins
    found = {client.type: client.origins for client in Clients(catalog).list(made.project.id)}
    assert found == {"write": origins, "read": (), "root": ()}


def test_it_is_done_once(catalog: Catalog):
    assert first_setup(catalog) is not None
    assert first_setup(catalog) is None
    assert len(Projects(catalog).list()) == 1


def test_a_project_made_before_it_does_not_prevent_it(catalog: Catalog):
    create_project(catalog, "Shop")
    assert first_setup(catalog) is not None
    assert [project.name for project in Projects(catalog).list()] == ["Shop", "My site"]


def test_secrets_are_not_in_the_repr(catalog: Catalog):
    made = first_setup(catalog)
    assert made is not None
    assert made.write.secret not in repr(made)
    assert made.token not in repr(made)


def test_a_wrong_project_leaves_nothing_behind(catalog: Catalog):
    with pytest.raises(InvalidInput):
        create_project(catalog, "Shop", timezone="Nowhere")
    assert Projects(catalog).list() == []


def test_processes_that_start_together_make_one(tmp_path: Path, database: str):
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SET_UP, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        for _ in range(4)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    answers = [child.communicate(timeout=60) for child in children]
    assert sorted(out.strip() for out, _ in answers) == ["False", "False", "False", "True"], answers
    assert (Settings.load({}, tmp_path).data / "catalog.db").exists() == (database == "sqlite")
