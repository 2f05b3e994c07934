"""`/manage/projects`: a project and its settings."""

import msgspec
from msgspec import UNSET, UnsetType

from eventlens.accounts.management import Management
from eventlens.accounts.projects import Project
from eventlens.api.managing import changing, given, managed_route, managing
from eventlens.api.route import Call
from eventlens.errors import NotFound

_ALL = "/manage/projects"
_ONE = "/manage/projects/{projectId}"


class ProjectChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change of a project; what is left out stays."""

    name: str | UnsetType = UNSET
    domain: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    allow_unverified_revenue: bool | UnsetType = UNSET


def _list(management: Management, call: Call) -> list[Project]:
    assert call.client is not None  # no route here is public
    found = management.projects.find(call.client.project_id)
    return [] if found is None else [found]


def _show(management: Management, call: Call) -> Project:
    found = management.projects.find(call.project_id)
    if found is None:
        raise NotFound("There is no such project.")
    return found


def _change(management: Management, call: Call, change: ProjectChange) -> Project:
    return management.projects.update(call.project_id, **given(change))


ROUTES = (
    managed_route("GET", _ALL, managing(_list), "The projects that one may manage", answer=list[Project]),
    managed_route("GET", _ONE, managing(_show), "A project and its settings", answer=Project),
    managed_route(
        "PATCH",
        _ONE,
        changing(ProjectChange, _change),
        "Change a project's name, domain or time zone, or whether revenue needs the secret",
        example=ProjectChange(name="Shop", timezone="Europe/Berlin"),
        answer=Project,
    ),
)
