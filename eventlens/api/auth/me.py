"""What somebody who is signed in is told about themselves."""

from datetime import datetime

from msgspec import Struct

from eventlens.accounts.rights import Action, Role, actions_of
from eventlens.accounts.users import User
from eventlens.api.services import Services


class Account(Struct):
    """A user; `owner` of the whole installation."""

    id: str
    email: str
    name: str
    owner: bool
    has_password: bool
    two_factor: bool
    created_at: datetime


class OwnOrganisation(Struct):
    """An organisation that one belongs to, with one's role there and what that allows."""

    id: str
    name: str
    role: Role
    rights: list[Action]


class OwnProject(Struct):
    """A project that one may see, with one's role there and what that allows."""

    id: str
    organisation_id: str
    name: str
    domain: str
    timezone: str
    role: Role
    rights: list[Action]


class Me(Struct):
    """Who is signed in, and where they may go. `csrf` goes along as `event-lens-csrf` with every request of
    a page that changes something; '' for a token, which needs none.
    """

    user: Account
    session_id: str
    csrf: str
    organisations: list[OwnOrganisation]
    projects: list[OwnProject]


def account_of(user: User) -> Account:
    """A user as they are shown to themselves."""
    return Account(
        user.id, user.email, user.name, user.owner, user.has_password, user.two_factor, user.created_at
    )


def me_of(services: Services, user: User, session_id: str, csrf: str) -> Me:
    """All about a user. Reads the catalog: from a thread."""
    members = services.people.members
    organisations = [
        OwnOrganisation(one.id, one.name, role, actions_of(role)) for one, role in members.organisations(user)
    ]
    projects = [
        OwnProject(one.id, one.organisation_id, one.name, one.domain, one.timezone, role, actions_of(role))
        for one, role in members.projects(user)
    ]
    return Me(account_of(user), session_id, csrf, organisations, projects)
