from typing import Any

import pytest
from sqlalchemy import text

from eventlens.accounts import saved as module
from eventlens.accounts.projects import Project, Projects
from eventlens.accounts.saved import LONGEST_DEFINITION, SAVED_KINDS, Saved, SavedDefinitions, SavedKind
from eventlens.catalog.connect import Catalog
from eventlens.clock import to_datetime
from eventlens.errors import InvalidInput, NotFound
from tests.accounts.conftest import HeldClock

DEFINITION = {"filters": [{"name": "country", "operator": "is", "value": ["DE", "é"]}], "n": [1, 2.5, None]}


@pytest.fixture
def project(catalog: Catalog) -> Project:
    return Projects(catalog).create("Shop")


@pytest.fixture
def other(catalog: Catalog) -> Project:
    return Projects(catalog).create("Other")


@pytest.fixture
def saved(catalog: Catalog, clock: HeldClock) -> SavedDefinitions:
    return SavedDefinitions(catalog, clock)


def test_a_definition_is_kept_as_it_was_given(saved: SavedDefinitions, project: Project, clock: HeldClock):
    made = saved.create(project.id, "segment", "  Café ", DEFINITION)
    now = to_datetime(clock.now)
    assert made == Saved(made.id, project.id, "segment", "Café", DEFINITION, now, now)
    assert saved.find(project.id, "segment", made.id) == made
    assert saved.get(project.id, "segment", made.id) == made
    assert saved.list(project.id, "segment") == [made]


def test_what_is_given_changes_and_the_rest_stays(
    saved: SavedDefinitions, project: Project, clock: HeldClock
):
    made = saved.create(project.id, "goal", "A", {"v": 1})
    clock.now += 1000
    named = saved.update(project.id, "goal", made.id, name="B")
    assert (named.name, named.definition) == ("B", {"v": 1})
    assert (named.created_at, named.updated_at) == (made.created_at, to_datetime(clock.now))
    clock.now += 1000
    defined = saved.update(project.id, "goal", made.id, definition=[2])
    assert (defined.name, defined.definition, defined.updated_at) == ("B", [2], to_datetime(clock.now))
    clock.now += 1000
    assert saved.update(project.id, "goal", made.id) == defined
    assert saved.find(project.id, "goal", made.id) == defined


def test_kinds_are_apart_and_the_oldest_comes_first(
    saved: SavedDefinitions, project: Project, clock: HeldClock
):
    made: dict[str, list[str]] = {kind: [] for kind in SAVED_KINDS}
    for number in range(3):
        clock.now += 1
        for kind in SAVED_KINDS:
            made[kind].append(saved.create(project.id, kind, f"n{number}", {}).id)
    for kind in SAVED_KINDS:
        assert [each.id for each in saved.list(project.id, kind)] == made[kind]
        assert saved.find(project.id, kind, made["goal"][0]) is None or kind == "goal"


def test_another_project_s_is_as_unknown_as_none(saved: SavedDefinitions, project: Project, other: Project):
    made = saved.create(project.id, "cohort", "A", {})
    assert saved.list(other.id, "cohort") == []
    named: tuple[tuple[str, SavedKind, str], ...] = (
        (other.id, "cohort", made.id),
        (project.id, "segment", made.id),
        (project.id, "cohort", "gone"),
        (project.id, "cohort", "\x00" * 500),
    )
    for project_id, kind, id_ in named:
        assert saved.find(project_id, kind, id_) is None
        for act in (
            saved.get,
            lambda *which: saved.update(*which, name="B"),
            saved.remove,
        ):
            with pytest.raises(NotFound, match=f"There is no such {kind}"):
                act(project_id, kind, id_)
    assert saved.list(project.id, "cohort") == [made]


def test_what_is_removed_is_gone(saved: SavedDefinitions, project: Project):
    made, stays = (saved.create(project.id, "report", name, {}) for name in "ab")
    assert saved.remove(project.id, "report", made.id) == made
    assert saved.list(project.id, "report") == [stays]


def test_a_project_takes_along_what_it_saved(saved: SavedDefinitions, project: Project, catalog: Catalog):
    saved.create(project.id, "report", "A", {})
    with catalog.session(write=True) as session:
        session.execute(text("DELETE FROM analytics_projects"))
    assert saved.list(project.id, "report") == []


WRONG: list[tuple[str, Any, str]] = [
    ("", {}, "name"),
    ("x" * 201, {}, "name"),
    ("a\nb", {}, "name"),
    ("a", "text", "definition"),
    ("a", 7, "definition"),
    ("a", None, "definition"),
    ("a", {"x": "y" * LONGEST_DEFINITION}, "definition"),
    ("a", {"x": object()}, "definition"),
]


@pytest.mark.parametrize(("name", "definition", "field"), WRONG)
def test_what_cannot_be_saved(
    saved: SavedDefinitions, project: Project, name: str, definition: Any, field: str
):
    with pytest.raises(InvalidInput) as caught:
        saved.create(project.id, "segment", name, definition)
    assert caught.value.field == field
    assert saved.list(project.id, "segment") == []


def test_as_many_as_one_may_have_of_each_kind(
    saved: SavedDefinitions, project: Project, other: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MOST_SAVED", 2)
    for name in "ab":
        saved.create(project.id, "goal", name, {})
    with pytest.raises(InvalidInput, match="at most 2 goals"):
        saved.create(project.id, "goal", "c", {})
    saved.create(project.id, "report", "c", {})
    saved.create(other.id, "goal", "c", {})


def test_no_such_project(saved: SavedDefinitions):
    with pytest.raises(NotFound, match="project"):
        saved.create("gone", "goal", "a", {})


def test_a_check_sees_everything_of_the_project_and_can_forbid_the_change(
    saved: SavedDefinitions, project: Project, other: Project
):
    made = saved.create(project.id, "cohort", "A", {})
    second = saved.create(project.id, "segment", "B", {})
    saved.create(other.id, "cohort", "C", {})
    seen: list[set[str]] = []

    def forbid(found: list[Saved]) -> None:
        seen.append({each.id for each in found})
        raise InvalidInput("no")

    for act in (
        lambda: saved.create(project.id, "goal", "D", {}, forbid),
        lambda: saved.update(project.id, "cohort", made.id, name="E", check=forbid),
        lambda: saved.remove(project.id, "cohort", made.id, forbid),
    ):
        with pytest.raises(InvalidInput, match="no"):
            act()
    assert seen == [{made.id, second.id}] * 3
    assert saved.list(project.id, "cohort") == [made]
    assert saved.list(project.id, "goal") == []
