"""`/manage/projects`: a project and its settings."""

import msgspec
from msgspec import UNSET, UnsetType

from eventlens.accounts.clients import ClientType
from eventlens.accounts.management import Management
from eventlens.accounts.projects import AS_SET, Project
from eventlens.accounts.rights import role_may
from eventlens.api.managing import changing, given, managed_route, managing
from eventlens.api.route import Call
from eventlens.errors import Forbidden, InvalidInput, NotFound
from eventlens.ingest.importers.demo import Demo

DEMO_EVENTS = 8_000
"""About how many a project begins with that is only for looking around."""
_ALL = "/manage/projects"
_ONE = "/manage/projects/{projectId}"


class NewProjectBody(msgspec.Struct, forbid_unknown_fields=True):
    """A project to add. `domain` is its site's host, whose pages may then send with the write client's id
    alone; without an organisation it belongs to the first in which one may make projects. `demo` fills it
    with the last 30 days of a made-up product, for a first look.
    """

    name: str
    domain: str = ""
    timezone: str = "UTC"
    organisation_id: str = ""
    demo: bool = False


class NewProjectClient(msgspec.Struct):
    """A new client; its secret is shown this once."""

    id: str
    type: ClientType
    secret: str


class CreatedProject(msgspec.Struct):
    """A new project, its write, read and root client, and whose pages may send without a secret."""

    project: Project
    clients: list[NewProjectClient]
    origins: list[str]


class ProjectRemoval(msgspec.Struct, forbid_unknown_fields=True):
    """The name of the project that is meant."""

    name: str


class ProjectChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change of a project; what is left out stays."""

    name: str | UnsetType = UNSET
    domain: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    allow_unverified_revenue: bool | UnsetType = UNSET
    event_retention_days: int | UnsetType | None = UNSET


def _list(management: Management, call: Call) -> list[Project]:
    who = call.who
    if who.user is not None:
        return [project for project, _ in call.services.people.members.projects(who.user)]
    assert who.client is not None  # whoever is no user
    found = management.projects.find(who.client.project_id)
    return [] if found is None else [found]


def _create(management: Management, call: Call, new: NewProjectBody) -> CreatedProject:
    own = _organisation_for(call, new.organisation_id)
    if new.demo:
        call.services.queue.check_room()
    made = management.create_project(new.name, new.domain, new.timezone, own)
    if new.demo:
        demo = Demo(made.project.id, call.services.clock(), events=DEMO_EVENTS)
        for record, commands, _ in demo.records():
            call.services.queue.append_now(record, commands, made.project.id)
    return CreatedProject(
        made.project,
        [NewProjectClient(one.id, one.type, one.secret) for one in made.clients],
        list(made.origins),
    )


def _organisation_for(call: Call, organisation_id: str) -> str:
    """The organisation in which the caller wants a project; '' is the first where they may make one.

    Raises Forbidden.
    """
    who, members = call.who, call.services.people.members
    assert who.user is not None  # of access "user"
    if not organisation_id:
        own = [one.id for one, role in members.organisations(who.user) if role_may(role, "project.create")]
        if not own:
            raise Forbidden("There is no organisation in which you may make projects.")
        return own[0]
    if not role_may(members.role_in(who.user, organisation_id), "project.create"):
        raise Forbidden("You may not make projects in that organisation.")
    return organisation_id


def _show(management: Management, call: Call) -> Project:
    found = management.projects.find(call.project_id)
    if found is None:
        raise NotFound("There is no such project.")
    return found


def _change(management: Management, call: Call, change: ProjectChange) -> Project:
    if change.event_retention_days is None:
        change = msgspec.structs.replace(change, event_retention_days=AS_SET)
    return management.projects.update(call.project_id, **given(change))


def _remove(management: Management, call: Call, body: ProjectRemoval) -> Project:
    """First nothing is accepted any more, then what was is deleted."""
    project = _show(management, call)
    if body.name != project.name:
        raise InvalidInput("name must be the project's name, to show that this one is meant", field="name")
    for client in management.clients.list(project.id):
        if not client.revoked:
            management.clients.revoke(client.id)
    call.services.removing.delete_project(project.id)
    return management.projects.remove(project.id)


ROUTES = (
    managed_route(
        "GET",
        _ALL,
        managing(_list),
        "The projects that one may manage",
        answer=list[Project],
        action="project.read",
    ),
    managed_route(
        "GET", _ONE, managing(_show), "A project and its settings", answer=Project, action="project.read"
    ),
    managed_route(
        "POST",
        _ALL,
        changing(NewProjectBody, _create),
        "Add a project with a write, a read and a root client, whose secrets are shown once",
        example=NewProjectBody("Shop", "shop.example.com", "Europe/Berlin"),
        answer=CreatedProject,
        action="project.create",
        access="user",
    ),
    managed_route(
        "PATCH",
        _ONE,
        changing(ProjectChange, _change),
        "Change a project's name, domain or time zone, or whether revenue needs the secret",
        example=ProjectChange(name="Shop", timezone="Europe/Berlin"),
        answer=Project,
        action="project.write",
    ),
    managed_route(
        "POST",
        f"{_ONE}/delete",
        changing(ProjectRemoval, _remove),
        "Delete a project with all of its events, people, recordings and settings, for good",
        example=ProjectRemoval("Shop"),
        answer=Project,
        action="project.delete",
        access="user",
    ),
)
