"""`…/members` and `…/invitations` of a project or an organisation: who may see it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import Struct

from eventlens.accounts.audit import Entry
from eventlens.accounts.invitations import Invitation
from eventlens.accounts.management import Management
from eventlens.accounts.members import Member, Place, read_role
from eventlens.accounts.rights import Role
from eventlens.api.managing import changing, managed_route, managing
from eventlens.api.route import Call, Parameter, Route

_PROJECT = "/manage/projects/{projectId}"
_ORGANISATION = "/manage/organisations/{organisationId}"
_MEMBER = (Parameter("userId", "The member's user id.", {"type": "string"}, required=True, where="path"),)
_INVITATION = (
    Parameter("invitationId", "The invitation's id.", {"type": "string"}, required=True, where="path"),
)


class RoleBody(Struct, forbid_unknown_fields=True):
    """A role: `owner`, `admin`, `editor` or `viewer`."""

    role: str


class NewInvitation(Struct, forbid_unknown_fields=True):
    """Whom to invite; without an address, whoever has the link. Nobody gives more than they have."""

    role: str
    email: str = ""


class OpenInvitation(Struct, kw_only=True):
    """An invitation that nobody has accepted yet; `project_id` is '' for one to the whole organisation."""

    id: str
    organisation_id: str
    project_id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


class CreatedInvitation(OpenInvitation, kw_only=True):
    """A new invitation and its link, which is shown this once; `sent` says whether mail goes out with it."""

    url: str
    sent: bool


def place_of(call: Call) -> Place:
    """The project or organisation of the path. Raises NotFound."""
    if call.project_id:
        return call.services.people.members.place_of(call.project_id)
    return Place(call.request.path_params["organisationId"])


def link_url(call: Call, page: str, token: str) -> str:
    """A link into the dashboard: what follows the # never reaches a server's or a proxy's log."""
    return f"{call.services.settings.base_url}/{page}#token={token}"


def own_role(call: Call) -> Role | None:
    """The caller's role in the place of the path; a root client is its project's admin."""
    return "admin" if call.who.client is not None else call.who.role


def _list(_: Management, call: Call) -> list[Member]:
    return call.services.people.members.list(place_of(call))


def _set_role(_: Management, call: Call, body: RoleBody) -> Member:
    user_id = call.request.path_params["userId"]
    role = read_role(body.role)
    return call.services.people.members.set_role(place_of(call), user_id, role, own_role(call))


def _remove(_: Management, call: Call) -> Member:
    user_id = call.request.path_params["userId"]
    return call.services.people.members.remove(place_of(call), user_id, own_role(call))


def _invitations(_: Management, call: Call) -> list[OpenInvitation]:
    return [_shown(each) for each in call.services.people.invitations.list(place_of(call))]


def _invite(_: Management, call: Call, new: NewInvitation) -> CreatedInvitation:
    made, token = call.services.people.invitations.create(
        place_of(call), new.role, new.email, own_role(call), call.who.name
    )
    url = link_url(call, "sign-up", token)
    words = f"{call.who.name} invites you to {made.project or made.organisation}"
    sent = bool(made.email) and call.services.people.mail.send(
        made.email,
        f"{words} on Event Lens",
        f"{words}. Accept within seven days:\n\n{url}\n",
    )
    return CreatedInvitation(**_fields(made), url=url, sent=sent)


def _audit(_: Management, call: Call) -> list[Entry]:
    audit = call.services.people.audit
    if call.project_id:
        return audit.of_project(call.project_id)
    return audit.of_organisation(call.request.path_params["organisationId"])


def _withdraw(_: Management, call: Call) -> OpenInvitation:
    invitation_id = call.request.path_params["invitationId"]
    return _shown(call.services.people.invitations.withdraw(place_of(call), invitation_id))


def _shown(invitation: Invitation) -> OpenInvitation:
    return OpenInvitation(**_fields(invitation))


def _fields(invitation: Invitation) -> dict[str, Any]:
    return {name: getattr(invitation, name) for name in OpenInvitation.__struct_fields__}


def _routes(place: str, words: str) -> tuple[Route, ...]:
    """The routes of one kind of place."""
    routes = (*_of_members(place, words), *_of_invitations(place, words))
    if place == _ORGANISATION:  # no client belongs to one
        return tuple(replace(route, access="user") for route in routes)
    return routes


def _of_members(place: str, words: str) -> tuple[Route, ...]:
    return (
        managed_route(
            "GET",
            f"{place}/members",
            managing(_list),
            f"Who may see {words}, and with which role",
            answer=list[Member],
            action="members.read",
        ),
        managed_route(
            "PATCH",
            f"{place}/members/{{userId}}",
            changing(RoleBody, _set_role),
            "Change a member's role",
            example=RoleBody("editor"),
            answer=Member,
            parameters=_MEMBER,
            action="members.write",
        ),
        managed_route(
            "DELETE",
            f"{place}/members/{{userId}}",
            managing(_remove),
            "End a membership",
            answer=Member,
            parameters=_MEMBER,
            action="members.write",
        ),
        managed_route(
            "GET",
            f"{place}/audit",
            managing(_audit),
            f"Who changed what in {words}, the newest first, at most 500 entries",
            answer=list[Entry],
            action="audit.read",
        ),
    )


def _of_invitations(place: str, words: str) -> tuple[Route, ...]:
    return (
        managed_route(
            "GET",
            f"{place}/invitations",
            managing(_invitations),
            f"Open invitations to {words}",
            answer=list[OpenInvitation],
            action="members.write",
        ),
        managed_route(
            "POST",
            f"{place}/invitations",
            changing(NewInvitation, _invite),
            f"Invite somebody to {words}; the link is shown once",
            example=NewInvitation("editor", "grace@example.com"),
            answer=CreatedInvitation,
            action="members.write",
        ),
        managed_route(
            "DELETE",
            f"{place}/invitations/{{invitationId}}",
            managing(_withdraw),
            "Take an invitation back",
            answer=OpenInvitation,
            parameters=_INVITATION,
            action="members.write",
        ),
    )


ROUTES = (
    *_routes(_PROJECT, "a project"),
    *_routes(_ORGANISATION, "an organisation"),
)
