"""Users: people who sign in."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from eventlens.accounts.passwords import check_new, hash_password, outdated, password_matches
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import LinkRow, SignInRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import Conflict, Forbidden, InvalidInput, NotFound

LONGEST_EMAIL = 254
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class User:
    """A person; `owner` of the whole installation, who may do everything in it."""

    id: str
    email: str
    name: str
    owner: bool
    has_password: bool
    two_factor: bool
    created_at: datetime


class Users:
    """The users of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def find(self, user_id: str) -> User | None:
        """The user of that id."""
        with self._catalog.session() as session:
            row = session.get(UserRow, user_id)
            return user_of(row) if row else None

    def find_by_email(self, email: str) -> User | None:
        """The user of that address, in any spelling of it."""
        with self._catalog.session() as session:
            row = session.scalars(select(UserRow).where(UserRow.email == plain_email(email))).first()
            return user_of(row) if row else None

    def list(self) -> list[User]:
        """All of them, the oldest first."""
        with self._catalog.session() as session:
            rows = session.scalars(select(UserRow).order_by(UserRow.created_at, UserRow.id))
            return [user_of(row) for row in rows]

    def with_password(self, email: str, password: str) -> User | None:
        """The user of that address and password; None, after as long a time, where either is wrong."""
        with self._catalog.session() as session:
            row = session.scalars(select(UserRow).where(UserRow.email == plain_email(email))).first()
        if not password_matches(row.password_hash if row else None, password) or row is None:
            return None
        if row.password_hash and outdated(row.password_hash):
            self._keep_password(row.id, hash_password(password))
        return user_of(row)

    def check_password(self, user_id: str, password: str, field: str = "password") -> None:
        """Raises InvalidInput unless it is the user's; one who has none need not show it."""
        with self._catalog.session() as session:
            row = session.get(UserRow, user_id)
        if row is not None and row.password_hash and not password_matches(row.password_hash, password):
            raise InvalidInput("that is not your password", field=field, code="wrong_password")

    def set_password(self, user_id: str, password: str, keep: str = "", field: str = "password") -> None:
        """Choose a new password; all sign-ins but `keep` end, and so do links to choose another.

        Raises NotFound, InvalidInput with the field.
        """
        user = self.find(user_id)
        check_new(password, user.email if user else "", field)
        self._keep_password(user_id, hash_password(password))
        with self._catalog.session(write=True) as session:
            end_sign_ins(session, user_id, keep)
            for link in session.scalars(select(LinkRow).where(LinkRow.user_id == user_id)):
                session.delete(link)

    def update(self, user_id: str, *, name: str | None = None, email: str | None = None) -> User:
        """Change what is given. Raises NotFound, InvalidInput with the field, Conflict (a taken address)."""
        with self._catalog.session(write=True) as session:
            row = _row(session, user_id)
            if name is not None:
                row.name = read_user_name(name)
            if email is not None:
                row.email = _free_email(session, email, but=user_id)
                row.email_proven = False
            session.flush()
            return user_of(row)

    def remove(self, user_id: str) -> User:
        """Delete an account with its memberships and sign-ins. The last owner stays: Forbidden, NotFound."""
        with self._catalog.session(write=True) as session:
            row = _row(session, user_id)
            owners = session.scalars(select(UserRow.id).where(UserRow.owner)).all()
            if row.owner and len(owners) == 1:
                raise Forbidden("The last owner of the installation cannot be deleted.")
            removed = user_of(row)
            session.delete(row)
            return removed

    def _keep_password(self, user_id: str, password_hash: str) -> None:
        with self._catalog.session(write=True) as session:
            _row(session, user_id).password_hash = password_hash


def add_user(  # the columns of a row
    session: Session,
    now: int,
    email: str,
    name: str,
    password_hash: str | None,
    *,
    owner: bool = False,
    proven: bool = False,
) -> UserRow:
    """Add a user within a transaction of the caller's; `proven`: the address is known to be theirs.

    Raises InvalidInput, Conflict (`email` is taken).
    """
    row = UserRow(
        id=str(uuid4()),
        email=_free_email(session, email),
        name=read_user_name(name),
        password_hash=password_hash,
        email_proven=proven,
        owner=owner,
        created_at=to_datetime(now),
    )
    session.add(row)
    session.flush()
    return row


def end_sign_ins(session: Session, user_id: str, keep: str = "") -> None:
    """Sign a user out everywhere but in one browser, within a transaction of the caller's."""
    for row in session.scalars(select(SignInRow).where(SignInRow.user_id == user_id, SignInRow.id != keep)):
        session.delete(row)


def user_of(row: UserRow) -> User:
    """A user as others see it."""
    return User(
        row.id,
        row.email,
        row.name,
        row.owner,
        row.password_hash is not None,
        row.totp_since is not None,
        row.created_at,
    )


def plain_email(email: str) -> str:
    """An address as it is kept: trimmed, in lower case."""
    return email.strip().lower()


def read_email(email: str, field: str = "email") -> str:
    """An address as it is kept. Raises InvalidInput for what is none."""
    plain = plain_email(email)
    if len(plain) > LONGEST_EMAIL or not re.fullmatch(r"[^\s@<>,;:\"\\]{1,64}@[^\s@<>,;:\"\\]+", plain):
        raise InvalidInput("email must be an address such as ada@example.com", field=field)
    if not plain.isprintable():
        raise InvalidInput("email must be an address such as ada@example.com", field=field)
    return plain


def read_user_name(name: str) -> str:
    """A person's name as it is kept; '' is one too. Raises InvalidInput."""
    name = name.strip()
    if len(name) > LONGEST_NAME or not (name.isprintable() or not name):
        raise InvalidInput(f"name must be at most {LONGEST_NAME} printable characters", field="name")
    return name


def _free_email(session: Session, email: str, but: str = "") -> str:
    plain = read_email(email)
    found = session.scalars(select(UserRow.id).where(UserRow.email == plain)).first()
    if found is not None and found != but:
        raise Conflict("There is an account with that address already; sign in with it.")
    return plain


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("There is no such user.")
    return row
