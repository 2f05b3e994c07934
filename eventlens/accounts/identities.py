"""Accounts elsewhere that somebody signs in with, and whose account here they are.

An account elsewhere becomes somebody's in three ways: they connect it while they are signed in; they follow
an invitation with it; or its address is theirs. The last needs the address to be proven on both sides: the
provider has verified it, and here it was shown too (by an invitation to it, a mail to it). Else somebody
could sign up with another's address and wait for them, or take an account by claiming its address
elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eventlens.accounts.providers import Outsider, ProviderName
from eventlens.accounts.users import User, plain_email, user_of
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import IdentityRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Identity:
    """An account elsewhere that is connected."""

    provider: str
    email: str
    created_at: datetime


class Identities:
    """The accounts elsewhere of a catalog's users."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def find(self, provider: ProviderName, outsider: Outsider) -> User | None:
        """Whose it is."""
        with self._catalog.session() as session:
            row = session.get(IdentityRow, (provider, outsider.key))
            user = session.get(UserRow, row.user_id) if row else None
            return user_of(user) if user else None

    def claim(self, provider: ProviderName, outsider: Outsider) -> User | None:
        """Give it to the account that has its address, where both sides have proven it; None where there is
        no account of that address. Raises Conflict where there is one that has not.
        """
        if not outsider.verified or not outsider.email:
            return None
        with self._catalog.session(write=True) as session:
            wanted = select(UserRow).where(UserRow.email == plain_email(outsider.email))
            user = session.scalars(wanted).first()
            if user is None:
                return None
            if not user.email_proven:
                raise Conflict("There is an account with that address already; sign in with it.")
            self._add(session, provider, outsider, user.id)
            return user_of(user)

    def connect(self, provider: ProviderName, outsider: Outsider, user_id: str) -> None:
        """Give it to a user. Raises Conflict where it is somebody else's."""
        with self._catalog.session(write=True) as session:
            row = session.get(IdentityRow, (provider, outsider.key))
            if row is not None and row.user_id != user_id:
                raise Conflict("That account is connected to somebody else here.")
            if row is None:
                self._add(session, provider, outsider, user_id)

    def list(self, user_id: str) -> list[Identity]:
        """A user's, the oldest first."""
        with self._catalog.session() as session:
            rows = session.scalars(
                select(IdentityRow)
                .where(IdentityRow.user_id == user_id)
                .order_by(IdentityRow.created_at, IdentityRow.provider)
            )
            return [Identity(row.provider, row.email, row.created_at) for row in rows]

    def disconnect(self, user_id: str, provider: str) -> Identity:
        """Take it away. Raises NotFound, Conflict (it is the last way to sign in)."""
        with self._catalog.session(write=True) as session:
            all_rows = session.scalars(select(IdentityRow).where(IdentityRow.user_id == user_id)).all()
            rows = [row for row in all_rows if row.provider == provider]
            if not rows:
                raise NotFound("There is no such connected account.")
            user = session.get(UserRow, user_id)
            if user is not None and user.password_hash is None and len(rows) == len(all_rows):
                raise Conflict("Set a password first: this is your last way to sign in.")
            for row in rows:
                session.delete(row)
            return Identity(rows[0].provider, rows[0].email, rows[0].created_at)

    def _add(self, session: Session, provider: ProviderName, outsider: Outsider, user_id: str) -> None:
        session.add(
            IdentityRow(
                provider=provider,
                subject=outsider.key,
                user_id=user_id,
                email=plain_email(outsider.email)[:254],
                created_at=to_datetime(self._clock()),
            )
        )
