"""`…/annotations` and `…/dashboards` of a project: what members keep beside the numbers."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from eventlens.accounts.annotations import Annotation
from eventlens.accounts.dashboards import Dashboard
from eventlens.accounts.management import Management
from eventlens.api.managing import changing, given, managed_route, managing
from eventlens.api.route import Call, Parameter
from eventlens.errors import InvalidInput

_NOTES = "/manage/projects/{projectId}/annotations"
_NOTE = "/manage/projects/{projectId}/annotations/{annotationId}"
_BOARDS = "/manage/projects/{projectId}/dashboards"
_BOARD = "/manage/projects/{projectId}/dashboards/{dashboardId}"
_NOTE_ID = (
    Parameter("annotationId", "The annotation's id.", {"type": "string"}, required=True, where="path"),
)
_BOARD_ID = (
    Parameter("dashboardId", "The dashboard's id.", {"type": "string"}, required=True, where="path"),
)


class NewAnnotation(Struct, forbid_unknown_fields=True):
    """A text of up to 500 characters at an instant (ISO 8601 with Z or an offset)."""

    at: datetime
    text: str


class AnnotationChange(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is to change; what is left out stays."""

    at: datetime | UnsetType = UNSET
    text: str | UnsetType = UNSET


class Tile(Struct, forbid_unknown_fields=True):
    """A tile on a grid of twelve columns: a saved report by its id, or a view that the page knows."""

    x: int
    y: int
    width: int
    height: int
    title: str = ""
    report: str = ""
    view: dict[str, Any] = {}


class NewDashboard(Struct, forbid_unknown_fields=True):
    """A name, and up to 50 tiles."""

    name: str
    tiles: list[Tile] = []


class DashboardChange(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is to change; `tiles` take the place of all that there are."""

    name: str | UnsetType = UNSET
    tiles: list[Tile] | UnsetType = UNSET


def _notes(management: Management, call: Call) -> list[Annotation]:
    return management.annotations.list(call.project_id)


def _note(management: Management, call: Call, new: NewAnnotation) -> Annotation:
    return management.annotations.create(call.project_id, new.at, new.text, call.who.name)


def _change_note(management: Management, call: Call, change: AnnotationChange) -> Annotation:
    return management.annotations.update(call.project_id, _id(call, "annotationId"), **given(change))


def _remove_note(management: Management, call: Call) -> Annotation:
    return management.annotations.remove(call.project_id, _id(call, "annotationId"))


def _boards(management: Management, call: Call) -> list[Dashboard]:
    return management.dashboards.list(call.project_id)


def _board(management: Management, call: Call) -> Dashboard:
    return management.dashboards.get(call.project_id, _id(call, "dashboardId"))


def _add_board(management: Management, call: Call, new: NewDashboard) -> Dashboard:
    tiles = _tiles(management, call, new.tiles)
    return management.dashboards.create(call.project_id, new.name, tiles)


def _change_board(management: Management, call: Call, change: DashboardChange) -> Dashboard:
    name = None if change.name is UNSET else change.name
    tiles = None if change.tiles is UNSET else _tiles(management, call, change.tiles)
    dashboard_id = _id(call, "dashboardId")
    return management.dashboards.update(call.project_id, dashboard_id, name=name, tiles=tiles)


def _remove_board(management: Management, call: Call) -> Dashboard:
    return management.dashboards.remove(call.project_id, _id(call, "dashboardId"))


def _tiles(management: Management, call: Call, tiles: list[Tile]) -> list[dict[str, Any]]:
    """Tiles as JSON. Raises InvalidInput for a report that is none of the project's."""
    known = {each.id for each in management.saved.list(call.project_id, "report")}
    for at, tile in enumerate(tiles):
        if tile.report and tile.report not in known:
            raise InvalidInput(f"There is no report {tile.report[:64]!r}.", field=f"tiles/{at}/report")
    return msgspec.to_builtins(tiles)


def _id(call: Call, name: str) -> str:
    return call.request.path_params[name]


_EXAMPLE_NOTE = NewAnnotation(datetime.fromisoformat("2026-03-02T09:00:00+00:00"), "Version 2 is out")
_EXAMPLE_BOARD = NewDashboard("Monday", [Tile(0, 0, 6, 4, "Visitors", view={"metric": "unique_visitors"})])

ROUTES = (
    managed_route(
        "GET",
        _NOTES,
        managing(_notes),
        "Annotations, by time",
        answer=list[Annotation],
        action="project.read",
    ),
    managed_route(
        "POST",
        _NOTES,
        changing(NewAnnotation, _note),
        "Say what happened at some time",
        example=_EXAMPLE_NOTE,
        answer=Annotation,
        action="saved.write",
    ),
    managed_route(
        "PATCH",
        _NOTE,
        changing(AnnotationChange, _change_note),
        "Change an annotation",
        example=AnnotationChange(text="Version 2.0 is out"),
        answer=Annotation,
        parameters=_NOTE_ID,
        action="saved.write",
    ),
    managed_route(
        "DELETE",
        _NOTE,
        managing(_remove_note),
        "Take an annotation away",
        answer=Annotation,
        parameters=_NOTE_ID,
        action="saved.write",
    ),
    managed_route(
        "GET",
        _BOARDS,
        managing(_boards),
        "Dashboards, the oldest first",
        answer=list[Dashboard],
        action="project.read",
    ),
    managed_route(
        "POST",
        _BOARDS,
        changing(NewDashboard, _add_board),
        "Keep a dashboard",
        example=_EXAMPLE_BOARD,
        answer=Dashboard,
        action="saved.write",
    ),
    managed_route(
        "GET",
        _BOARD,
        managing(_board),
        "A dashboard",
        answer=Dashboard,
        parameters=_BOARD_ID,
        action="project.read",
    ),
    managed_route(
        "PATCH",
        _BOARD,
        changing(DashboardChange, _change_board),
        "Change the name or the tiles of a dashboard",
        example=DashboardChange(name="Every Monday"),
        answer=Dashboard,
        parameters=_BOARD_ID,
        action="saved.write",
    ),
    managed_route(
        "DELETE",
        _BOARD,
        managing(_remove_board),
        "Forget a dashboard",
        answer=Dashboard,
        parameters=_BOARD_ID,
        action="saved.write",
    ),
)
