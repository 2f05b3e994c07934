"""Cohorts and segments are kept alike: filters under a name, checked against whatever refers to them."""

from datetime import datetime
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from eventlens.accounts.saved import LONGEST_DEFINITION, Saved
from eventlens.api.route import Call
from eventlens.errors import InvalidInput, NotFound
from eventlens.insights.filters import Find, Resolver, SavedName
from eventlens.insights.filters.saved import Proposal, check_proposal, check_unused
from eventlens.insights.ranges import read_zone


class KeptFilters(msgspec.Struct):
    """A cohort or segment; `filters` as they were given."""

    id: str
    name: str
    filters: Any
    created_at: datetime
    updated_at: datetime


class NewFilters(msgspec.Struct, forbid_unknown_fields=True):
    """A name, and filters as questions take them: an array, or one group."""

    name: str
    filters: Any


class FiltersChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays."""

    name: str | UnsetType = UNSET
    filters: Any = UNSET


def kept(saved: Saved) -> KeptFilters:
    """A saved definition as it is shown."""
    return KeptFilters(saved.id, saved.name, saved.definition, saved.created_at, saved.updated_at)


def list_kept(call: Call, kind: SavedName) -> list[KeptFilters]:
    """All of a kind, the oldest first."""
    return [kept(each) for each in call.services.management.saved.list(call.project_id, kind)]


def get_kept(call: Call, kind: SavedName, saved_id: str) -> KeptFilters:
    """One of them. Raises NotFound."""
    return kept(call.services.management.saved.get(call.project_id, kind, saved_id))


def create_kept(call: Call, kind: SavedName, new: NewFilters) -> KeptFilters:
    """Save filters. Raises InvalidInput with the field."""
    resolver = resolver_of(call)
    proposal = Proposal(kind, _checkable(new.filters))
    return kept(
        call.services.management.saved.create(
            call.project_id,
            kind,
            new.name,
            new.filters,
            lambda found: check_proposal(proposal, found, resolver),
        )
    )


def change_kept(call: Call, kind: SavedName, saved_id: str, change: FiltersChange) -> KeptFilters:
    """Change what is given. Raises NotFound, InvalidInput; Conflict where something that refers to it is
    against it.
    """
    resolver = resolver_of(call)
    name = None if change.name is UNSET else change.name
    if change.filters is UNSET:
        return kept(call.services.management.saved.update(call.project_id, kind, saved_id, name=name))
    proposal = Proposal(kind, _checkable(change.filters), saved_id)
    return kept(
        call.services.management.saved.update(
            call.project_id,
            kind,
            saved_id,
            name=name,
            definition=change.filters,
            check=lambda found: check_proposal(proposal, found, resolver),
        )
    )


def _checkable(filters: Any) -> Any:
    """What may be filters at all. Raises InvalidInput."""
    if not isinstance(filters, list | dict):
        raise InvalidInput("filters is a JSON array of filters, or one group.", field="filters")
    if len(msgspec.json.encode(filters)) > LONGEST_DEFINITION:
        raise InvalidInput(f"filters is at most {LONGEST_DEFINITION} bytes of JSON.", field="filters")
    return cast(Any, filters)


def remove_kept(call: Call, kind: SavedName, saved_id: str) -> KeptFilters:
    """Forget one. Raises NotFound; Conflict while something else refers to it."""
    saved = call.services.management.saved
    return kept(saved.remove(call.project_id, kind, saved_id, lambda found: check_unused(saved_id, found)))


def resolver_of(call: Call) -> Resolver:
    """For filters that no question is read with: the project's own zone, what it has saved."""
    services = call.services
    project = services.projects.find(call.project_id)
    if project is None:
        raise NotFound("There is no such project.")
    zone = read_zone(project.timezone)

    return Resolver(find_saved(call), services.clock(), zone, home=zone)


def find_saved(call: Call) -> Find:
    """Finds the filters of the call's project's cohorts and segments, for whatever reads filters.

    A question that was read with it reads the filters of its steps and series by
    `Question.further_condition(document, field)`: they may then say all that the question's own may.
    """

    def find(kind: SavedName, saved_id: str) -> Any:
        saved = call.services.management.saved.find(call.project_id, kind, saved_id)
        return None if saved is None else saved.definition

    return find


def cohort_ids(call: Call) -> list[str]:
    """Ids of all cohorts of the call's project, the oldest first."""
    return [each.id for each in call.services.management.saved.list(call.project_id, "cohort")]


def state_of_saved(call: Call) -> str:
    """A text that is another one as soon as a cohort or segment has changed."""
    saved = call.services.management.saved
    kinds: tuple[SavedName, ...] = ("cohort", "segment")
    return repr([(each.id, each.updated_at) for kind in kinds for each in saved.list(call.project_id, kind)])
