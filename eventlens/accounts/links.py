"""Links that let whoever has one choose a password, once: of the first owner, and of who forgot theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from eventlens.accounts.passwords import check_new, hash_password
from eventlens.accounts.tokens import LONGEST, hash_token, make_token
from eventlens.accounts.users import User, end_sign_ins, plain_email, read_email, read_user_name, user_of
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import LinkRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import Conflict, NotFound

LinkKind = Literal["setup", "reset"]

PAGES: dict[LinkKind, str] = {"setup": "sign-up", "reset": "reset-password"}
"""Pages of the dashboard that links lead to."""

LIFE: dict[LinkKind, timedelta] = {"setup": timedelta(days=30), "reset": timedelta(hours=2)}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that still works, and whose it is."""

    kind: LinkKind
    user: User
    expires_at: datetime


class Links:
    """The links of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def reset(self, email: str) -> tuple[User, str, str] | None:
        """The user of that address, and the page and the token of a link to choose another password; None
        where there is no such user.

        An account that nobody has set up yet gets a link to do that.
        """
        with self._catalog.session(write=True) as session:
            row = session.scalars(select(UserRow).where(UserRow.email == plain_email(email))).first()
            if row is None:
                return None
            kind: LinkKind = "setup" if row.owner and not row.name and row.password_hash is None else "reset"
            return user_of(row), PAGES[kind], add_link(session, self._clock(), row.id, kind)

    def unused_owner(self) -> tuple[User, str] | None:
        """A link for an owner without any way to sign in who never got one; None where there is none."""
        with self._catalog.session(write=True) as session:
            row = session.scalars(select(UserRow).where(UserRow.owner).limit(1)).first()
            if row is None or row.password_hash is not None or row.name:
                return None
            if session.scalars(select(LinkRow.id).where(LinkRow.user_id == row.id)).first() is not None:
                return None
            return user_of(row), add_link(session, self._clock(), row.id, "setup")

    def find(self, token: str) -> Link:
        """What a link is for. Raises NotFound for one that was used, is too old or never was."""
        with self._catalog.session() as session:
            return _link(*_found(session, self._clock(), token))

    def use(self, token: str, password: str, *, email: str | None = None, name: str | None = None) -> User:
        """Choose a password, and for an account that is set up an address and a name too. All its sign-ins
        end. Raises NotFound, InvalidInput with the field, Conflict (`email` is taken).
        """
        found = self.find(token)
        check_new(password, email or found.user.email)
        password_hash = hash_password(password)
        with self._catalog.session(write=True) as session:
            link, user = _found(session, self._clock(), token)
            user.password_hash = password_hash
            if link.kind == "setup":
                _set_up(session, user, email, name)
            else:
                user.email_proven = True  # the link went there, or came from whoever runs the server
            for each in session.scalars(select(LinkRow).where(LinkRow.user_id == user.id)):
                session.delete(each)
            end_sign_ins(session, user.id)
            session.flush()
            return user_of(user)


def _set_up(session: Session, user: UserRow, email: str | None, name: str | None) -> None:
    if email is not None:
        plain = read_email(email)
        taken = session.scalars(select(UserRow.id).where(UserRow.email == plain)).first()
        if taken not in (None, user.id):
            raise Conflict("There is an account with that address already; sign in with it.")
        user.email = plain
    # Whoever has the link of the first start owns the installation, and says so of the address too.
    user.email_proven = True
    if name is not None:
        user.name = read_user_name(name)


def add_link(session: Session, now: int, user_id: str, kind: LinkKind) -> str:
    """A new link within a transaction of the caller's; earlier ones of that user end. `now` in ms."""
    at = to_datetime(now)
    session.execute(delete(LinkRow).where((LinkRow.user_id == user_id) | (LinkRow.expires_at < at)))
    token = make_token()
    session.add(
        LinkRow(
            id=str(uuid4()),
            user_id=user_id,
            kind=kind,
            token_hash=hash_token(token),
            created_at=at,
            expires_at=at + LIFE[kind],
        )
    )
    return token


def _found(session: Session, now: int, token: str) -> tuple[LinkRow, UserRow]:
    row = None
    if 0 < len(token) <= LONGEST:
        row = session.scalars(select(LinkRow).where(LinkRow.token_hash == hash_token(token))).first()
    if row is None or row.expires_at <= to_datetime(now):
        raise NotFound("This link was used already or is too old; ask for another.")
    user = session.get(UserRow, row.user_id)
    assert user is not None  # it refers to the link
    return row, user


def _link(row: LinkRow, user: UserRow) -> Link:
    return Link(cast(LinkKind, row.kind), user_of(user), row.expires_at)
