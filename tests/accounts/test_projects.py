import re
from dataclasses import replace

import pytest

from eventlens.accounts.projects import Projects, make_project_id
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, to_datetime
from eventlens.errors import InvalidInput, NotFound


def test_a_project_is_found_as_it_was_created(catalog: Catalog, clock: Clock):
    projects = Projects(catalog, clock)
    made = projects.create("  Café & Co ", "https://Shop.Example/path", "Europe/Berlin")
    assert (made.name, made.domain, made.timezone) == ("Café & Co", "shop.example", "Europe/Berlin")
    assert made.created_at == to_datetime(clock())
    assert re.fullmatch(r"cafe-co-[a-z2-9]{6}", made.id)
    assert projects.find(made.id) == made
    assert projects.find("nothing") is None


def test_projects_are_listed_oldest_first(catalog: Catalog, clock):
    projects = Projects(catalog, clock)
    made = []
    for name in ("b", "a", "c"):
        made.append(projects.create(name))
        clock.now += 1
    assert projects.list() == made


def test_two_projects_may_have_the_same_name(catalog: Catalog):
    projects = Projects(catalog)
    assert projects.create("Shop").id != projects.create("Shop").id


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My site", "my-site"),
        ("__ÄÖÜ  shop!!", "aou-shop"),
        ("日本", "project"),
        ("...", "project"),
        ("a" * 31 + " b", "a" * 31),
        ("x" * 200, "x" * 32),
    ],
)
def test_ids_are_readable(name: str, slug: str):
    assert re.fullmatch(re.escape(slug) + "-[a-hj-km-np-z2-9]{6}", make_project_id(name))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \t"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a", "domain": "not a host"}, "domain"),
        ({"name": "a", "domain": "x" * 254}, "domain"),
        ({"name": "a", "domain": "a..b"}, "domain"),
        ({"name": "a", "timezone": "Mars/Olympus"}, "timezone"),
        ({"name": "a", "timezone": ""}, "timezone"),
        ({"name": "a", "timezone": "../../etc/passwd"}, "timezone"),
        ({"name": "a", "timezone": "localtime"}, "timezone"),
        ({"name": "a", "timezone": "europe/berlin"}, "timezone"),
    ],
)
def test_wrong_input_names_its_field(catalog: Catalog, arguments: dict[str, str], field: str):
    with pytest.raises(InvalidInput) as caught:
        Projects(catalog).create(**arguments)
    assert caught.value.field == field
    assert Projects(catalog).list() == []


def test_only_what_is_given_is_changed(catalog: Catalog):
    told: list[int] = []
    projects = Projects(catalog, changed=lambda: told.append(1))
    made = projects.create("Shop", "shop.example", "Europe/Berlin")
    assert projects.update(made.id) == made
    changed = projects.update(made.id, name=" Store ", allow_unverified_revenue=True)
    assert changed == replace(made, name="Store", allow_unverified_revenue=True)
    assert projects.find(made.id) == changed
    assert projects.update(made.id, domain="", timezone="Asia/Tokyo").domain == ""
    assert len(told) == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"domain": "a b"}, "domain"), ({"timezone": "Mars"}, "timezone")],
)
def test_a_wrong_change_names_its_field_and_changes_nothing(catalog: Catalog, change, field: str):
    projects = Projects(catalog)
    made = projects.create("Shop")
    with pytest.raises(InvalidInput) as caught:
        projects.update(made.id, allow_unverified_revenue=True, **change)
    assert caught.value.field == field
    assert projects.find(made.id) == made
    with pytest.raises(NotFound):
        projects.update("nothing", name="x")
