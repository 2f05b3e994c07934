"""`/manage/projects/{projectId}/filters`: what a project keeps out of its numbers."""

import msgspec

from eventlens.accounts.filters import Filter, FilterKind
from eventlens.accounts.management import Management
from eventlens.api.managing import changing, managed_route, managing
from eventlens.api.route import Call, Parameter

_ALL = "/manage/projects/{projectId}/filters"
_ONE = "/manage/projects/{projectId}/filters/{filterId}"
_FILTER = Parameter("filterId", "The filter's id.", {"type": "string"}, required=True, where="path")


class NewFilter(msgspec.Struct, forbid_unknown_fields=True):
    """`ip` takes an address or a network, `profile` an id; in `path` and `event`, `*` is any characters."""

    kind: FilterKind
    value: str
    note: str = ""


def _list(management: Management, call: Call) -> list[Filter]:
    return management.filters.list(call.project_id)


def _add(management: Management, call: Call, new: NewFilter) -> Filter:
    return management.filters.add(call.project_id, new.kind, new.value, new.note)


def _remove(management: Management, call: Call) -> Filter:
    return management.filters.remove(call.project_id, call.request.path_params["filterId"])


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "What is kept out of the numbers",
        answer=list[Filter],
        action="project.read",
    ),
    managed_route(
        "POST",
        _ALL,
        changing(NewFilter, _add),
        "Keep an address, a path, an event or a profile out of the numbers",
        example=NewFilter("ip", "203.0.113.0/24", "the office"),
        answer=Filter,
        action="project.write",
    ),
    managed_route(
        "DELETE",
        _ONE,
        managing(_remove),
        "Take a filter away",
        answer=Filter,
        parameters=(_FILTER,),
        action="project.write",
    ),
)
