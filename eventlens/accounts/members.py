"""Members: who belongs to an organisation or to a single project, and what follows for what they may.

A member of an organisation has that role in each of its projects; a member of a project alone sees that one.
Where somebody is both, the stronger role counts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from eventlens.accounts.projects import Project, project_of
from eventlens.accounts.rights import ROLES, Role, at_least, strongest
from eventlens.accounts.users import User
from eventlens.catalog.base import OrganisationRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import MemberRow, OrganisationMemberRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import Conflict, Forbidden, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whom projects belong to."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role. `of` says what gives it: the project, its organisation, the installation."""

    user_id: str
    email: str
    name: str
    role: Role
    of: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is a member: an organisation, or one project of it."""

    organisation_id: str
    project_id: str = ""


class Members:
    """The members of a catalog's organisations and projects."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    # --- what somebody may ---

    def role(self, user: User, project_id: str) -> Role | None:
        """The user's role in a project; None where it is none of theirs, or there is no such project."""
        with self._catalog.session() as session:
            project = session.get(ProjectRow, project_id)
            if project is None:
                return None
            if user.owner:
                return "owner"
            return strongest(
                _role(session.get(OrganisationMemberRow, (project.organisation_id, user.id))),
                _role(session.get(MemberRow, (project_id, user.id))),
            )

    def role_in(self, user: User, organisation_id: str) -> Role | None:
        """The user's role in an organisation; None where it is none of theirs, or there is none."""
        with self._catalog.session() as session:
            if session.get(OrganisationRow, organisation_id) is None:
                return None
            if user.owner:
                return "owner"
            return _role(session.get(OrganisationMemberRow, (organisation_id, user.id)))

    def organisations(self, user: User) -> list[tuple[Organisation, Role]]:
        """Those that the user belongs to, with the role there, the oldest first."""
        with self._catalog.session() as session:
            own = _own_organisations(session, user)
            rows = session.scalars(
                select(OrganisationRow).order_by(OrganisationRow.created_at, OrganisationRow.id)
            )
            found: list[tuple[Organisation, Role | None]] = [
                (organisation_of(row), _everywhere(user) or own.get(row.id)) for row in rows
            ]
            return [(one, role) for one, role in found if role is not None]

    def projects(self, user: User) -> list[tuple[Project, Role]]:
        """Those that the user may see, with the role there, the oldest first."""
        with self._catalog.session() as session:
            own = _own_organisations(session, user)
            single: dict[str, Role] = {
                row.project_id: cast(Role, row.role)
                for row in session.scalars(select(MemberRow).where(MemberRow.user_id == user.id))
            }
            rows = session.scalars(select(ProjectRow).order_by(ProjectRow.created_at, ProjectRow.id))
            found: list[tuple[Project, Role | None]] = [
                (
                    project_of(row),
                    strongest(_everywhere(user), own.get(row.organisation_id), single.get(row.id)),
                )
                for row in rows
            ]
            return [(one, role) for one, role in found if role is not None]

    # --- who is a member ---

    def list(self, place: Place) -> list[Member]:
        """Who may see that organisation or project, the strongest first; installation owners too."""
        with self._catalog.session() as session:
            found: dict[str, Member] = {}
            for user in session.scalars(select(UserRow).where(UserRow.owner)):
                found[user.id] = _member(user, "owner", "installation", user.created_at)
            rows = session.execute(
                select(OrganisationMemberRow, UserRow)
                .join(UserRow, UserRow.id == OrganisationMemberRow.user_id)
                .where(OrganisationMemberRow.organisation_id == place.organisation_id)
            ).all()
            _keep_strongest(found, [(row, user, "organisation") for row, user in rows])
            if place.project_id:
                single = session.execute(
                    select(MemberRow, UserRow)
                    .join(UserRow, UserRow.id == MemberRow.user_id)
                    .where(MemberRow.project_id == place.project_id)
                ).all()
                _keep_strongest(found, [(row, user, "project") for row, user in single])
        return sorted(found.values(), key=lambda one: (ROLES.index(one.role), one.created_at, one.user_id))

    def set_role(self, place: Place, user_id: str, role: Role, by: Role | None) -> Member:
        """Change a member's role. `by` is the role of who does it: nobody gives or takes more than they have
        (None: the installation itself). Raises NotFound, Forbidden, Conflict (the last owner).
        """
        read_role(role)
        with self._catalog.session(write=True) as session:
            row, user = _membership(session, place, user_id)
            _may_change(by, cast(Role, row.role), role)
            if row.role == "owner" and role != "owner":
                _keep_an_owner(session, place, user_id)
            row.role = role
            return _member(user, role, "project" if place.project_id else "organisation", row.created_at)

    def remove(self, place: Place, user_id: str, by: Role | None) -> Member:
        """End a membership. Raises NotFound, Forbidden, Conflict (the last owner)."""
        with self._catalog.session(write=True) as session:
            row, user = _membership(session, place, user_id)
            role = cast(Role, row.role)
            _may_change(by, role, role)
            if role == "owner":
                _keep_an_owner(session, place, user_id)
            session.delete(row)
            return _member(user, role, "project" if place.project_id else "organisation", row.created_at)

    def place_of(self, project_id: str) -> Place:
        """A project's place. Raises NotFound."""
        with self._catalog.session() as session:
            row = session.get(ProjectRow, project_id)
            if row is None:
                raise NotFound("There is no such project.")
            return Place(row.organisation_id, project_id)


def add_member(session: Session, now: int, place: Place, user_id: str, role: Role) -> None:
    """Make a user a member within a transaction of the caller's; a stronger role that was there stays."""
    at = to_datetime(now)
    if place.project_id:
        row = session.get(MemberRow, (place.project_id, user_id))
        fresh = MemberRow(project_id=place.project_id, user_id=user_id, role=role, created_at=at)
    else:
        row = session.get(OrganisationMemberRow, (place.organisation_id, user_id))
        fresh = OrganisationMemberRow(
            organisation_id=place.organisation_id, user_id=user_id, role=role, created_at=at
        )
    if row is None:
        session.add(fresh)
    elif at_least(role, cast(Role, row.role)):
        row.role = role
    session.flush()


def organisation_of(row: OrganisationRow) -> Organisation:
    """An organisation as others see it."""
    return Organisation(row.id, row.name, row.created_at)


def read_role(role: str, field: str = "role") -> Role:
    """A role. Raises InvalidInput."""
    if role not in ROLES:
        raise InvalidInput(f"role must be one of {', '.join(ROLES)}", field=field)
    return role


def may_give(by: Role | None, role: Role) -> None:
    """Raises Forbidden where somebody would give more than they have."""
    if by is not None and not at_least(by, role):
        raise Forbidden(f"Only an owner may do that with an {role}." if role == "owner" else "Not your role.")


def _may_change(by: Role | None, old: Role, new: Role) -> None:
    may_give(by, old)
    may_give(by, new)


def _keep_an_owner(session: Session, place: Place, leaving: str) -> None:
    """An organisation has an owner; a project may do without: the organisation's are its own too."""
    if place.project_id:
        return
    others = select(OrganisationMemberRow.user_id).where(
        OrganisationMemberRow.organisation_id == place.organisation_id,
        OrganisationMemberRow.role == "owner",
        OrganisationMemberRow.user_id != leaving,
    )
    if session.scalars(others).first() is None:
        raise Conflict("An organisation keeps at least one owner; make somebody else one first.")


def _membership(
    session: Session, place: Place, user_id: str
) -> tuple[MemberRow | OrganisationMemberRow, UserRow]:
    if place.project_id:
        row = session.get(MemberRow, (place.project_id, user_id))
    else:
        row = session.get(OrganisationMemberRow, (place.organisation_id, user_id))
    user = session.get(UserRow, user_id)
    if row is None or user is None:
        raise NotFound("There is no such member.")
    return row, user


def _everywhere(user: User) -> Role | None:
    return "owner" if user.owner else None


def _own_organisations(session: Session, user: User) -> dict[str, Role]:
    rows = session.scalars(select(OrganisationMemberRow).where(OrganisationMemberRow.user_id == user.id))
    return {row.organisation_id: cast(Role, row.role) for row in rows}


def _role(row: MemberRow | OrganisationMemberRow | None) -> Role | None:
    return cast(Role, row.role) if row else None


def _keep_strongest(
    found: dict[str, Member], rows: list[tuple[OrganisationMemberRow | MemberRow, UserRow, str]]
) -> None:
    for row, user, of in rows:
        role = cast(Role, row.role)
        if user.id not in found or not at_least(found[user.id].role, role):
            found[user.id] = _member(user, role, of, row.created_at)


def _member(user: UserRow, role: Role, of: str, created_at: datetime) -> Member:
    return Member(user.id, user.email, user.name, role, of, created_at)
