"""Who may do what: one table of actions. Routes name their action; nothing else decides."""

from dataclasses import dataclass
from typing import Literal, get_args

from eventlens.accounts.clients import ClientType

Role = Literal["owner", "admin", "editor", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""The strongest first: each may all that those after it may."""

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Of personal API tokens. A token may what its scopes and its user's role both allow."""

Action = Literal[
    "insights.read",
    "people.read",
    "people.write",
    "saved.write",
    "project.read",
    "project.write",
    "project.delete",
    "clients.read",
    "clients.write",
    "shares.read",
    "shares.write",
    "members.read",
    "members.write",
    "audit.read",
    "organisation.read",
    "organisation.write",
    "organisation.delete",
    "project.create",
]


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do an action: members from a role upwards, types of clients, links that are shared."""

    least: Role
    scope: Scope
    clients: tuple[ClientType, ...] = ()
    shared: bool = False


_READERS: tuple[ClientType, ...] = ("read", "root")
_ROOT: tuple[ClientType, ...] = ("root",)

RIGHTS: dict[Action, Right] = {
    # What a project's numbers are; through a shared link too.
    "insights.read": Right("viewer", "read", _READERS, shared=True),
    # Single events, sessions, people and recordings, and files of them.
    "people.read": Right("viewer", "read", _READERS),
    # Everything about a person, to hand over or to delete.
    "people.write": Right("admin", "admin", _ROOT),
    # Cohorts, goals, segments, reports, dashboards, annotations, names of events and properties.
    "saved.write": Right("editor", "write", _ROOT),
    "project.read": Right("viewer", "read", _ROOT),
    "project.write": Right("admin", "admin", _ROOT),
    "project.delete": Right("owner", "admin"),
    "clients.read": Right("editor", "read", _ROOT),
    "clients.write": Right("admin", "admin", _ROOT),
    "shares.read": Right("editor", "read", _ROOT),
    "shares.write": Right("editor", "write", _ROOT),
    "members.read": Right("viewer", "read", _ROOT),
    "members.write": Right("admin", "admin", _ROOT),
    "audit.read": Right("admin", "admin", _ROOT),
    # Those below concern an organisation; a client has none.
    "organisation.read": Right("viewer", "read"),
    "organisation.write": Right("admin", "admin"),
    "organisation.delete": Right("owner", "admin"),
    "project.create": Right("admin", "admin"),
}
"""Action → who may do it."""


def role_may(role: Role | None, action: Action) -> bool:
    """Whether a member of that role may."""
    return role is not None and ROLES.index(role) <= ROLES.index(RIGHTS[action].least)


def client_may(kind: ClientType, action: Action) -> bool:
    """Whether a client of that type may, in its own project."""
    return kind in RIGHTS[action].clients


def strongest(*roles: Role | None) -> Role | None:
    """The strongest of some roles; None where there is none."""
    found: list[Role] = [role for role in roles if role is not None]
    return min(found, key=ROLES.index) if found else None


def actions_of(role: Role) -> list[Action]:
    """All that a role may."""
    return [action for action in RIGHTS if role_may(role, action)]


def at_least(role: Role, other: Role) -> bool:
    """Whether a role is as strong as another, or stronger."""
    return ROLES.index(role) <= ROLES.index(other)
