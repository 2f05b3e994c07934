"""Personal API tokens: a user's own programs act as the user, within scopes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from sqlalchemy import func, select

from eventlens.accounts.projects import read_name
from eventlens.accounts.rights import SCOPES, Scope
from eventlens.accounts.tokens import LONGEST, hash_token, make_token
from eventlens.accounts.users import User, user_of
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import ApiTokenRow, UserRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound

PREFIX = "evl_"
MOST = 50
LONGEST_LIFE_DAYS = 3650
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token; `expires_at` None: until it is revoked."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime | None


class ApiTokens:
    """The personal tokens of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def create(
        self, user_id: str, name: str, scopes: Sequence[str], days: int | None
    ) -> tuple[ApiToken, str]:
        """Add a token; gives it and what a program shows, which nobody can ask for again.

        Raises InvalidInput with the field `name`, `scopes` or `days`.
        """
        wrong = [scope for scope in scopes if scope not in SCOPES]
        if wrong or not scopes:
            raise InvalidInput(f"scopes are some of {', '.join(SCOPES)}", field="scopes")
        if days is not None and not 1 <= days <= LONGEST_LIFE_DAYS:
            raise InvalidInput(f"days is from 1 to {LONGEST_LIFE_DAYS}, or null", field="days")
        token = make_token(PREFIX)
        now = to_datetime(self._clock())
        with self._catalog.session(write=True) as session:
            own = select(func.count()).select_from(ApiTokenRow).where(ApiTokenRow.user_id == user_id)
            if (session.scalar(own) or 0) >= MOST:
                raise InvalidInput(f"a user has at most {MOST} tokens", field="name")
            row = ApiTokenRow(
                id=str(uuid4()),
                user_id=user_id,
                name=read_name(name),
                token_hash=hash_token(token),
                scopes=[scope for scope in SCOPES if scope in scopes],
                created_at=now,
                seen_at=None,
                expires_at=None if days is None else now + timedelta(days=days),
            )
            session.add(row)
            return _token(row), token

    def find(self, token: str) -> tuple[ApiToken, User] | None:
        """Whose token that is; None where it is nobody's (any more)."""
        if not token.startswith(PREFIX) or len(token) > LONGEST:
            return None
        now = to_datetime(self._clock())
        with self._catalog.session() as session:
            found = session.execute(
                select(ApiTokenRow, UserRow)
                .join(UserRow, UserRow.id == ApiTokenRow.user_id)
                .where(ApiTokenRow.token_hash == hash_token(token))
            ).first()
            if found is None or (found[0].expires_at is not None and found[0].expires_at <= now):
                return None
            api_token, user = _token(found[0]), user_of(found[1])
        if api_token.seen_at is None or now - api_token.seen_at >= SEEN_EVERY:
            with self._catalog.session(write=True) as session:
                row = session.get(ApiTokenRow, api_token.id)
                if row is not None:
                    row.seen_at = now
        return api_token, user

    def list(self, user_id: str) -> list[ApiToken]:
        """A user's tokens, the oldest first."""
        with self._catalog.session() as session:
            wanted = select(ApiTokenRow).where(ApiTokenRow.user_id == user_id)
            rows = session.scalars(wanted.order_by(ApiTokenRow.created_at, ApiTokenRow.id))
            return [_token(row) for row in rows]

    def revoke(self, user_id: str, token_id: str) -> ApiToken:
        """End a token. Raises NotFound, for another user's too."""
        with self._catalog.session(write=True) as session:
            row = session.get(ApiTokenRow, token_id)
            if row is None or row.user_id != user_id:
                raise NotFound("There is no such token.")
            revoked = _token(row)
            session.delete(row)
            return revoked


def _token(row: ApiTokenRow) -> ApiToken:
    scopes = cast(tuple[Scope, ...], tuple(row.scopes))
    return ApiToken(row.id, row.name, scopes, row.created_at, row.seen_at, row.expires_at)
