"""`/manage/projects/{projectId}/names`: what events and properties are called, and which are hidden."""

import asyncio

from msgspec import UNSET, Struct, UnsetType

from eventlens.accounts.management import Management
from eventlens.accounts.names import NAME_KINDS, NameKind, ShownName
from eventlens.api.managing import (
    Managed,
    changing,
    given,
    managed_route,
    managing,
    parameters_of,
)
from eventlens.api.route import Call, Parameter
from eventlens.errors import InvalidInput

_NAMES = "/manage/projects/{projectId}/names"
_WHICH = (
    Parameter("kind", "What it is.", {"type": "string", "enum": list(NAME_KINDS)}, required=True),
    Parameter("name", "Its name, as it is sent.", {"type": "string"}, required=True),
)


class NameChange(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How an event, a property of events or a property of profiles is shown; what is left out stays.

    `name` is what is sent: of a property what filters say behind `properties.` or `profile.`. An empty
    `label` shows that. What is `hidden` is left out of lists and pickers and counted as ever.
    """

    kind: NameKind
    name: str
    label: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET


def _list(management: Management, call: Call) -> list[ShownName]:
    return management.names.list(call.project_id)


def _set(management: Management, call: Call, change: NameChange) -> ShownName:
    return management.names.set(call.project_id, **given(change))


async def _reset(call: Call) -> Managed[ShownName]:
    which = _which(call)
    names = call.services.management.names
    return Managed(await asyncio.to_thread(names.reset, call.project_id, which["kind"], which["name"]))


def _which(call: Call) -> dict[str, str]:
    """The parameters that say which. Raises InvalidInput."""
    found = parameters_of(call, ("kind", "name"))
    for name in ("kind", "name"):
        if name not in found:
            raise InvalidInput(f"Parameter {name} is required.", field=name)
    return found


ROUTES = (
    managed_route(
        "GET",
        _NAMES,
        managing(_list),
        "What is shown instead of the names of events and properties, and which are hidden",
        answer=list[ShownName],
        action="project.read",
    ),
    managed_route(
        "PATCH",
        _NAMES,
        changing(NameChange, _set),
        "Show another name for an event or a property, describe it, or hide it; no answer's names change",
        example=NameChange("event", "signup_completed", "Sign-up", "The form was sent"),
        answer=ShownName,
        action="saved.write",
    ),
    managed_route(
        "DELETE",
        _NAMES,
        _reset,
        "Show an event or a property as it is sent",
        answer=ShownName,
        action="saved.write",
        parameters=_WHICH,
    ),
)
