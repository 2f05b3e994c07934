"""Invitations: a link that makes whoever has it a member, once. One for an address is for nobody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.accounts.members import Place, add_member, may_give, read_role
from eventlens.accounts.passwords import check_new, hash_password
from eventlens.accounts.rights import Role
from eventlens.accounts.tokens import LONGEST, hash_token, make_token
from eventlens.accounts.users import User, add_user, read_email, user_of
from eventlens.catalog.base import OrganisationRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import InvitationRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import Forbidden, InvalidInput, NotFound

LIFE = timedelta(days=7)
MOST = 200
"""Open ones of one organisation."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has accepted yet; `email` is '' where anybody may who has the link."""

    id: str
    organisation_id: str
    organisation: str
    project_id: str
    project: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


class Invitations:
    """The invitations of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def create(
        self, place: Place, role: str, email: str, by: Role | None, invited_by: str
    ) -> tuple[Invitation, str]:
        """Invite somebody; gives the token of the link, which nobody can ask for again.

        `by` is the role of who invites. Raises Forbidden, InvalidInput (`role`, `email`), NotFound.
        """
        wanted = read_role(role)
        may_give(by, wanted)
        plain = read_email(email) if email else ""
        token = make_token()
        now = to_datetime(self._clock())
        with self._catalog.session(write=True) as session:
            _tidy(session, place.organisation_id, now)
            if plain:
                _replace(session, place, plain)
            row = InvitationRow(
                id=str(uuid4()),
                organisation_id=place.organisation_id,
                project_id=place.project_id or None,
                email=plain,
                role=wanted,
                token_hash=hash_token(token),
                invited_by=invited_by[:254],
                created_at=now,
                expires_at=now + LIFE,
            )
            session.add(row)
            session.flush()
            return _invitation(session, row), token

    def list(self, place: Place) -> list[Invitation]:
        """The open ones of an organisation, or of one project, the oldest first."""
        now = to_datetime(self._clock())
        wanted = select(InvitationRow).where(
            InvitationRow.organisation_id == place.organisation_id, InvitationRow.expires_at > now
        )
        if place.project_id:
            wanted = wanted.where(InvitationRow.project_id == place.project_id)
        with self._catalog.session() as session:
            rows = session.scalars(wanted.order_by(InvitationRow.created_at, InvitationRow.id))
            return [_invitation(session, row) for row in rows]

    def withdraw(self, place: Place, invitation_id: str) -> Invitation:
        """Take an invitation back. Raises NotFound, for another organisation's or project's too."""
        with self._catalog.session(write=True) as session:
            row = session.get(InvitationRow, invitation_id)
            if (
                row is None
                or row.organisation_id != place.organisation_id
                or (place.project_id and row.project_id != place.project_id)
            ):
                raise NotFound("There is no such invitation.")
            withdrawn = _invitation(session, row)
            session.delete(row)
            return withdrawn

    def find(self, token: str) -> Invitation:
        """What a link invites to. Raises NotFound for one that was used, is too old or never was."""
        with self._catalog.session() as session:
            return _invitation(session, _found(session, self._clock(), token))

    def accept(self, token: str, user: User) -> Invitation:
        """Make a user a member. Raises NotFound, Forbidden (it is for another address)."""
        with self._catalog.session(write=True) as session:
            row = _found(session, self._clock(), token)
            if row.email and row.email != user.email:
                raise Forbidden("This invitation is for another address than yours.")
            return _accept(session, self._clock(), row, user.id)

    def sign_up(
        self, token: str, email: str, name: str, password: str | None, *, proven: bool = False
    ) -> User:
        """Make an account and a member of it; without a password, one that signs in elsewhere. `proven`:
        the address is known to be theirs, as it is where the invitation is for it.

        Raises NotFound, InvalidInput with the field, Conflict (there is such an account already).
        """
        invitation = self.find(token)
        if invitation.email and read_email(email or invitation.email) != invitation.email:
            raise InvalidInput("this invitation is for another address", field="email")
        if password is not None:
            check_new(password, email)
        password_hash = None if password is None else hash_password(password)
        with self._catalog.session(write=True) as session:
            row = _found(session, self._clock(), token)
            wanted, sure = email or row.email, proven or bool(row.email)
            user = add_user(session, self._clock(), wanted, name, password_hash, proven=sure)
            _accept(session, self._clock(), row, user.id)
            return user_of(user)


def _accept(session: Session, now: int, row: InvitationRow, user_id: str) -> Invitation:
    accepted = _invitation(session, row)
    place = Place(row.organisation_id, row.project_id or "")
    add_member(session, now, place, user_id, accepted.role)
    session.delete(row)
    return accepted


def _tidy(session: Session, organisation_id: str, now: datetime) -> None:
    for row in session.scalars(select(InvitationRow).where(InvitationRow.expires_at <= now)):
        session.delete(row)
    own = InvitationRow.organisation_id == organisation_id
    count = session.scalar(select(func.count()).select_from(InvitationRow).where(own)) or 0
    if count >= MOST:
        raise InvalidInput(f"an organisation has at most {MOST} open invitations", field="email")


def _replace(session: Session, place: Place, email: str) -> None:
    """A second invitation of the same person to the same place ends the first."""
    rows = session.scalars(
        select(InvitationRow).where(
            InvitationRow.organisation_id == place.organisation_id, InvitationRow.email == email
        )
    )
    for row in rows:
        if (row.project_id or "") == place.project_id:
            session.delete(row)


def _found(session: Session, now: int, token: str) -> InvitationRow:
    row = None
    if 0 < len(token) <= LONGEST:
        wanted = select(InvitationRow).where(InvitationRow.token_hash == hash_token(token))
        row = session.scalars(wanted).first()
    if row is None or row.expires_at <= to_datetime(now):
        raise NotFound("This invitation was used already, was withdrawn or is too old; ask for another.")
    return row


def _invitation(session: Session, row: InvitationRow) -> Invitation:
    organisation = session.get(OrganisationRow, row.organisation_id)
    project = session.get(ProjectRow, row.project_id) if row.project_id else None
    return Invitation(
        id=row.id,
        organisation_id=row.organisation_id,
        organisation=organisation.name if organisation else "",
        project_id=row.project_id or "",
        project=project.name if project else "",
        email=row.email,
        role=cast(Role, row.role),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
