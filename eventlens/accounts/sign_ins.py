"""Browsers in which a user is signed in. The browser keeps a token, the catalog its hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from eventlens.accounts.tokens import LONGEST, hash_token, make_token
from eventlens.accounts.users import User, end_sign_ins, user_of
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import SignInRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import NotFound

LIFE = timedelta(days=30)
"""Without being used; every use begins it anew."""
LONGEST_LIFE = timedelta(days=180)
"""Used or not."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when it was last used."""
MOST = 50
"""Of one user; the one unused for longest makes room."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser in which somebody is signed in."""

    id: str
    user_id: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignIns:
    """The sign-ins of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def begin(self, user_id: str, agent: str = "", address: str = "") -> tuple[SignIn, str]:
        """Sign a user in; gives the token that the browser keeps."""
        token = make_token()
        now = to_datetime(self._clock())
        with self._catalog.session(write=True) as session:
            session.execute(delete(SignInRow).where(SignInRow.expires_at < now))
            _make_room(session, user_id)
            row = SignInRow(
                id=str(uuid4()),
                user_id=user_id,
                token_hash=hash_token(token),
                agent=agent[:200],
                address=address[:64],
                created_at=now,
                seen_at=now,
                expires_at=now + LIFE,
            )
            session.add(row)
            return _sign_in(row), token

    def find(self, token: str) -> tuple[SignIn, User] | None:
        """Who is signed in with that token; None where nobody is (any more)."""
        if not 0 < len(token) <= LONGEST:
            return None
        now = to_datetime(self._clock())
        with self._catalog.session() as session:
            found = session.execute(
                select(SignInRow, UserRow)
                .join(UserRow, UserRow.id == SignInRow.user_id)
                .where(SignInRow.token_hash == hash_token(token))
            ).first()
            if found is None or found[0].expires_at <= now:
                return None
            sign_in, user = _sign_in(found[0]), user_of(found[1])
        if now - sign_in.seen_at >= SEEN_EVERY:
            self._seen(sign_in, now)
        return sign_in, user

    def list(self, user_id: str) -> list[SignIn]:
        """A user's sign-ins, the last used first."""
        now = to_datetime(self._clock())
        with self._catalog.session() as session:
            rows = session.scalars(
                select(SignInRow)
                .where(SignInRow.user_id == user_id, SignInRow.expires_at > now)
                .order_by(SignInRow.seen_at.desc(), SignInRow.id)
            )
            return [_sign_in(row) for row in rows]

    def end(self, user_id: str, sign_in_id: str) -> SignIn:
        """Sign out in one browser. Raises NotFound, for another user's too."""
        with self._catalog.session(write=True) as session:
            row = session.get(SignInRow, sign_in_id)
            if row is None or row.user_id != user_id:
                raise NotFound("There is no such session.")
            ended = _sign_in(row)
            session.delete(row)
            return ended

    def end_all(self, user_id: str, keep: str = "") -> None:
        """Sign a user out everywhere but in the browser `keep`."""
        with self._catalog.session(write=True) as session:
            end_sign_ins(session, user_id, keep)

    def _seen(self, sign_in: SignIn, now: datetime) -> None:
        with self._catalog.session(write=True) as session:
            row = session.get(SignInRow, sign_in.id)
            if row is not None:  # else it was ended meanwhile
                row.seen_at = now
                row.expires_at = min(now + LIFE, row.created_at + LONGEST_LIFE)


def _make_room(session: Session, user_id: str) -> None:
    rows = session.scalars(
        select(SignInRow).where(SignInRow.user_id == user_id).order_by(SignInRow.seen_at.desc(), SignInRow.id)
    ).all()
    for row in rows[MOST - 1 :]:
        session.delete(row)


def _sign_in(row: SignInRow) -> SignIn:
    return SignIn(row.id, row.user_id, row.agent, row.address, row.created_at, row.seen_at, row.expires_at)
