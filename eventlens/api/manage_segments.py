"""`/manage/projects/{projectId}/segments`: filters that are kept under a name."""

from eventlens.accounts.management import Management
from eventlens.api.keeping import (
    FiltersChange,
    KeptFilters,
    NewFilters,
    change_kept,
    create_kept,
    get_kept,
    list_kept,
    remove_kept,
)
from eventlens.api.managing import changing, managed_route, managing
from eventlens.api.route import Call, Parameter

_ALL = "/manage/projects/{projectId}/segments"
_ONE = "/manage/projects/{projectId}/segments/{segmentId}"
_SEGMENT = (Parameter("segmentId", "The segment's id.", {"type": "string"}, required=True, where="path"),)
_EXAMPLE = [{"name": "country", "operator": "is", "value": ["DE", "AT", "CH"]}]


class NewSegment(NewFilters):
    """A segment to keep: filters that are then named by `{"name":"segment","operator":"is","value":[id]}`."""


class SegmentChange(FiltersChange):
    """What is to change of a segment; what is left out stays."""


def _list(_: Management, call: Call) -> list[KeptFilters]:
    return list_kept(call, "segment")


def _show(_: Management, call: Call) -> KeptFilters:
    return get_kept(call, "segment", _id(call))


def _create(_: Management, call: Call, new: NewSegment) -> KeptFilters:
    return create_kept(call, "segment", new)


def _change(_: Management, call: Call, change: SegmentChange) -> KeptFilters:
    return change_kept(call, "segment", _id(call), change)


def _remove(_: Management, call: Call) -> KeptFilters:
    return remove_kept(call, "segment", _id(call))


def _id(call: Call) -> str:
    return call.request.path_params["segmentId"]


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "Segments, the oldest first",
        answer=list[KeptFilters],
        action="project.read",
    ),
    managed_route(
        "POST",
        _ALL,
        changing(NewSegment, _create),
        "Keep filters under a name",
        example=NewSegment("German speaking", _EXAMPLE),
        answer=KeptFilters,
        action="saved.write",
    ),
    managed_route(
        "GET",
        _ONE,
        managing(_show),
        "A segment",
        answer=KeptFilters,
        parameters=_SEGMENT,
        action="project.read",
    ),
    managed_route(
        "PATCH",
        _ONE,
        changing(SegmentChange, _change),
        "Change a segment's name or filters",
        example=SegmentChange(name="DACH"),
        answer=KeptFilters,
        parameters=_SEGMENT,
        action="saved.write",
    ),
    managed_route(
        "DELETE",
        _ONE,
        managing(_remove),
        "Forget a segment that nothing else refers to",
        answer=KeptFilters,
        parameters=_SEGMENT,
        action="saved.write",
    ),
)
