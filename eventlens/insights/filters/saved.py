"""Saved cohorts and segments: what may be saved, changed and taken away, whatever else refers to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from eventlens.accounts.saved import Saved
from eventlens.errors import Conflict, InvalidInput
from eventlens.insights.filters.conditions import Condition, Purpose
from eventlens.insights.filters.reading import read_condition
from eventlens.insights.filters.resolver import Resolver, SavedName

_PURPOSE: Mapping[str, Purpose] = {"cohort": "people", "segment": "events"}
_MOST_NAMED = 5
"""So many that stand in the way are named."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Filters that are to be saved: of something new, or in the place of those of `id`."""

    kind: SavedName
    filters: Any
    id: str | None = None


def read_saved(kind: SavedName, filters: Any, resolver: Resolver, field: str = "filters") -> Condition:
    """The condition of a cohort's or segment's filters, at least one. Raises InvalidInput with the field."""
    condition = read_condition(filters, field, resolver, purpose=_PURPOSE[kind])
    if condition is None:
        raise InvalidInput(f"A {kind} has at least one filter.", field=field)
    return condition


def check_proposal(proposal: Proposal, found: list[Saved], resolver: Resolver) -> None:
    """That the filters can be asked, and that what refers to them still can.

    `found` is everything that the project has saved. Raises InvalidInput, also where something would refer
    to itself; Conflict that names what would no longer hold.
    """
    known = {(each.kind, each.id): each.definition for each in found}
    known = {key: filters for key, filters in known.items() if key[0] in _PURPOSE}
    if proposal.id is not None:
        known[proposal.kind, proposal.id] = proposal.filters
    within = Resolver(lambda kind, id_: known.get((kind, id_)), resolver.now, resolver.zone, resolver.home)
    read_saved(proposal.kind, proposal.filters, within)
    for other in _dependents(proposal.id, found):
        if other.kind not in ("cohort", "segment"):
            continue
        try:
            read_saved(other.kind, other.definition, within)
        except InvalidInput as error:
            message = f"The {other.kind} {other.name!r} refers to this one and could no longer be asked: "
            raise Conflict(message + error.message) from error


def check_unused(saved_id: str, found: list[Saved]) -> None:
    """That nothing refers to it any more. Raises Conflict that names what does."""
    users = [each for each in found if each.id != saved_id and _mentions(each.definition, {saved_id})]
    if users:
        named = ", ".join(f"{each.kind} {each.name!r}" for each in users[:_MOST_NAMED])
        more = f" and {len(users) - _MOST_NAMED} more" if len(users) > _MOST_NAMED else ""
        raise Conflict(f"It is still used by {named}{more}.")


def _dependents(saved_id: str | None, found: Iterable[Saved]) -> list[Saved]:
    """What refers to something, also through others; not that itself."""
    reached = set[str]() if saved_id is None else {saved_id}
    waiting, dependents = [each for each in found if each.id != saved_id], list[Saved]()
    while reached and (now := [each for each in waiting if _mentions(each.definition, reached)]):
        dependents += now
        reached = {each.id for each in now}
        waiting = [each for each in waiting if each not in now]
    return dependents


def _mentions(definition: Any, ids: set[str]) -> bool:
    """Whether one of the ids stands anywhere in a definition: whole, or as in `cohort.<id>`."""
    if isinstance(definition, str):
        return definition in ids or definition.rpartition(".")[2] in ids
    if isinstance(definition, dict):
        return any(_mentions(value, ids) for value in cast(dict[str, Any], definition).values())
    if isinstance(definition, list):
        return any(_mentions(value, ids) for value in cast(list[Any], definition))
    return False
