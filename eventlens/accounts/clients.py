"""Clients: what a program shows to write into a project or to read from it.

A secret is 32 random bytes. It is shown once and kept only as its SHA-256: with that much randomness
there is nothing to guess, so a slow password hash would only slow down every request.
"""

import asyncio
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.accounts.origins import read_origins
from eventlens.catalog.base import ClientRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound, Unavailable

ClientType = Literal["write", "read", "root"]
CLIENT_TYPES: tuple[ClientType, ...] = get_args(ClientType)

LONGEST_NAME = 200
LONGEST_SECRET = 256
MOST_CLIENTS = 1000
"""Of one project, revoked ones not counted."""
LONGEST_GRACE = 30 * 86_400
"""Seconds for which a rotated secret may still be taken."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client. `origins` are those whose pages may use it without the secret, in normal form."""

    id: str
    project_id: str
    name: str
    type: ClientType
    secret_hash: str
    origins: tuple[str, ...]
    ignore_cors_and_secret: bool
    created_at: datetime
    revoked: bool
    old_secret_hash: str = ""
    """Of the secret before the last rotation, as long as it is still taken; '' else."""


class Clients:
    """The clients of a catalog. `changed` is told the id after each change."""

    def __init__(
        self, catalog: Catalog, clock: Clock = now_ms, changed: Callable[[str], None] = lambda _: None
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._changed = changed

    def create(
        self,
        project_id: str,
        type: ClientType,  # noqa: A002  # the field's name
        name: str = "",
        origins: Sequence[str] = (),
        *,
        ignore_cors_and_secret: bool = False,
    ) -> tuple[Client, str]:
        """Add a client; gives it and its secret, which nobody can ask for again.

        Raises NotFound (no such project), InvalidInput with the field `type`, `name` or `origins`.
        """
        with self._catalog.session(write=True) as session:
            if session.get(ProjectRow, project_id) is None:
                raise NotFound("There is no such project.")
            active = (ClientRow.project_id == project_id) & ClientRow.revoked_at.is_(None)
            count = session.scalar(select(func.count()).select_from(ClientRow).where(active)) or 0
            if count >= MOST_CLIENTS:
                raise InvalidInput(f"a project has at most {MOST_CLIENTS} clients", field="type")
            made = add_client(
                session,
                self._clock(),
                project_id,
                type,
                name,
                origins,
                ignore_cors_and_secret=ignore_cors_and_secret,
            )
        self._changed(made[0].id)
        return made

    def find(self, id: str) -> Client | None:  # noqa: A002  # the field's name
        """The client of that id; None when there is none or it was revoked."""
        with self._catalog.session() as session:
            row = session.get(ClientRow, id)
            return None if row is None or row.revoked_at is not None else self._client(row)

    def list(self, project_id: str) -> list[Client]:
        """All clients of a project, revoked ones too, the oldest first."""
        with self._catalog.session() as session:
            rows = session.scalars(
                select(ClientRow)
                .where(ClientRow.project_id == project_id)
                .order_by(ClientRow.created_at, ClientRow.id)
            )
            return [self._client(row) for row in rows]

    def rotate(self, id: str, grace_seconds: int = 0) -> str:  # noqa: A002  # the field's name
        """Give a client a new secret; the old one is still taken for `grace_seconds`, then stops within a
        ClientCache's life. The one before the old one stops in any case.

        Raises NotFound, InvalidInput (`grace_seconds`).
        """
        if not 0 <= grace_seconds <= LONGEST_GRACE:
            raise InvalidInput(f"grace_seconds must be from 0 to {LONGEST_GRACE}", field="grace_seconds")
        secret = make_secret()
        with self._catalog.session(write=True) as session:
            row = _row(session, id)
            until = to_datetime(self._clock()) + timedelta(seconds=grace_seconds)
            row.old_secret_hash = row.secret_hash if grace_seconds else None
            row.old_secret_until = until if grace_seconds else None
            row.secret_hash = hash_secret(secret)
        self._changed(id)
        return secret

    def update(
        self,
        id: str,  # noqa: A002  # the field's name
        *,
        name: str | None = None,
        origins: Sequence[str] | None = None,
        ignore_cors_and_secret: bool | None = None,
    ) -> Client:
        """Change what is given. Raises NotFound, InvalidInput with the field `name` or `origins`."""
        with self._catalog.session(write=True) as session:
            row = _row(session, id)
            if name is not None:
                row.name = _read_name(name) or _name_by_type(row.type)
            if origins is not None:
                row.origins = read_origins(origins)
            if ignore_cors_and_secret is not None:
                row.ignore_cors_and_secret = ignore_cors_and_secret
            session.flush()
            changed = self._client(row)
        self._changed(id)
        return changed

    def set_origins(self, id: str, origins: Sequence[str]) -> Client:  # noqa: A002  # the field's name
        """Say whose pages may use a client without its secret. Raises NotFound, InvalidInput (`origins`)."""
        return self.update(id, origins=origins)

    def revoke(self, id: str) -> None:  # noqa: A002  # the field's name
        """End a client for good; within a ClientCache's life nobody accepts it. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            _row(session, id).revoked_at = to_datetime(self._clock())
        self._changed(id)

    def _client(self, row: ClientRow) -> Client:
        return _client(row, self._clock())


class ClientCache:
    """Remembers clients, so that a request costs no look-up.

    A client's change or revocation by another process is noticed within `life_ms`, one by this process at
    once, when `forget` is told; a new client at the latest a second after somebody tried its id. Bounded,
    whatever ids strangers try. A client in use is read anew in a thread before its life ends, so that
    nobody waits for the catalog.

    While the catalog does not answer, a client that was read less than AWAY_MS ago goes on being accepted:
    nobody can change one just then. After that, and for ids not known, Unavailable.
    """

    UNKNOWN_LIFE_MS = 1_000
    LIMIT = 10_000
    AWAY_MS = 600_000
    AGAIN_MS = 1_000
    """Between two tries of a catalog that does not answer: whoever asks in between does not wait."""
    PATIENCE_SECONDS = 1.0
    """How long one waits for a slow catalog whose old answer is at hand."""
    _AHEAD = 0.2  # of a life

    def __init__(self, clients: Clients, clock: Clock = now_ms, life_ms: int = 10_000) -> None:
        self._clients = clients
        self._clock = clock
        self._life_ms = life_ms
        # Apart, so that tried-out ids never push out clients that exist. Each: id → (client, until ms).
        self._known: dict[str, tuple[Client | None, int]] = {}
        self._unknown: dict[str, tuple[Client | None, int]] = {}
        # Threads of their own, made on first use: ids that strangers try keep no refresh waiting.
        self._refreshes = ThreadPoolExecutor(1, "client-refresh")
        self._look_ups = ThreadPoolExecutor(2, "client-look-up")
        self._refreshing: set[str] = set()
        self._looking: dict[str, Future[Client | None]] = {}
        self._read_at: dict[str, int] = {}
        self._keeping = threading.Lock()
        self._forgotten = 0

    def find(self, id: str) -> Client | None:  # noqa: A002  # the field's name
        """The client of that id, None when there is none or it was revoked. Raises Unavailable."""
        entry = self._entry(id)
        if entry is not None:
            return entry[0]
        try:
            return self._look_up(id)
        except Unavailable:
            kept = self._kept(id)
            if kept is None:
                raise
            return kept

    async def find_soon(self, id: str) -> Client | None:  # noqa: A002  # the field's name
        """`find` for an event loop: where it has to wait, a thread does. Raises Unavailable."""
        entry = self._entry(id)
        if entry is not None:
            return entry[0]
        looking = self._looking.get(id)
        if looking is None:
            looking = self._looking[id] = self._look_ups.submit(self._look_up, id)
            looking.add_done_callback(lambda _: self._looking.pop(id, None))
        try:
            patience = None if self._last(id) is None else self.PATIENCE_SECONDS
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(looking)), patience)
        except (Unavailable, TimeoutError):
            kept = self._kept(id)
            if kept is None:
                raise
            return kept

    def remembered(self, id: str) -> Client | None:  # noqa: A002  # the field's name
        """The client of that id if that is known without a look-up."""
        entry = self._entry(id)
        return None if entry is None else entry[0]

    def forget(self, id: str) -> None:  # noqa: A002  # the field's name
        """That client was changed: whoever asks next gets it as it is now, also if it is being read."""
        with self._keeping:
            self._forgotten += 1
            self._known.pop(id, None)
            self._unknown.pop(id, None)
            self._read_at.pop(id, None)

    def close(self) -> None:
        """Finish the look-ups under way; the next ones raise RuntimeError."""
        self._refreshes.shutdown(cancel_futures=True)
        self._look_ups.shutdown(cancel_futures=True)

    def _entry(self, key: str) -> tuple[Client | None, int] | None:
        entry = self._known.get(key) or self._unknown.get(key)
        if entry is None:
            return None
        left = entry[1] - self._clock()
        if left <= 0:
            return None
        if left <= self._life_ms * self._AHEAD and entry[0] is not None and key not in self._refreshing:
            self._refreshing.add(key)
            self._refreshes.submit(self._refresh, key)
        return entry

    def _refresh(self, key: str) -> None:
        try:
            self._look_up(key)
        except Unavailable:
            self._kept(key)
        finally:
            self._refreshing.discard(key)

    def _last(self, key: str) -> Client | None:
        """The client as it was read last, unless that is too long ago."""
        client, _ = self._known.get(key, (None, 0))
        return client if self._clock() < self._read_at.get(key, 0) + self.AWAY_MS else None

    def _kept(self, key: str) -> Client | None:
        """The same, remembered for a moment more: the catalog does not answer."""
        with self._keeping:
            client = self._last(key)
            if client is not None:
                _, until = self._known[key]
                self._known[key] = (client, max(until, self._clock() + self.AGAIN_MS))
            return client

    def _look_up(self, key: str) -> Client | None:
        while True:
            now, forgotten = self._clock(), self._forgotten
            client = self._clients.find(key)
            with self._keeping:
                if forgotten == self._forgotten:  # else it may have been read before a change
                    return self._keep_found(key, client, now)

    def _keep_found(self, key: str, client: Client | None, now: int) -> Client | None:
        if client is None:
            self._keep(self._unknown, key, None, now + min(self.UNKNOWN_LIFE_MS, self._life_ms))
            self._known.pop(key, None)
            self._read_at.pop(key, None)
            return None
        before = self._known.get(key)
        if before is not None and before[0] == client:
            client = before[0]  # the same object as long as nothing changed: others compare by it
        self._keep(self._known, key, client, now + self._life_ms)
        self._read_at[key] = now
        self._unknown.pop(key, None)
        return client

    def _keep(
        self, entries: dict[str, tuple[Client | None, int]], key: str, client: Client | None, until: int
    ) -> None:
        entries.pop(key, None)  # so that it becomes the newest
        if len(entries) >= self.LIMIT:
            for oldest in list(entries)[: self.LIMIT // 10]:
                entries.pop(oldest, None)
                self._read_at.pop(oldest, None)
        entries[key] = (client, until)


def add_client(
    session: Session,
    now: int,
    project_id: str,
    type: ClientType,  # noqa: A002  # the field's name
    name: str = "",
    origins: Sequence[str] = (),
    *,
    ignore_cors_and_secret: bool = False,
) -> tuple[Client, str]:
    """Add a client within a transaction of the caller's. `now` in ms; raises InvalidInput."""
    if type not in CLIENT_TYPES:
        raise InvalidInput(f"type must be one of {', '.join(CLIENT_TYPES)}", field="type")
    secret = make_secret()
    row = ClientRow(
        id=str(uuid4()),
        project_id=project_id,
        name=_read_name(name) or _name_by_type(type),
        type=type,
        secret_hash=hash_secret(secret),
        origins=read_origins(origins),
        ignore_cors_and_secret=ignore_cors_and_secret,
        created_at=to_datetime(now),
        revoked_at=None,
    )
    session.add(row)
    session.flush()
    return _client(row, now), secret


def _row(session: Session, client_id: str) -> ClientRow:
    row = session.get(ClientRow, client_id)
    if row is None or row.revoked_at is not None:
        raise NotFound("There is no such client.")
    return row


def _client(row: ClientRow, now: int) -> Client:
    grace = row.old_secret_until is not None and to_datetime(now) < row.old_secret_until
    return Client(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        type=cast(ClientType, row.type),
        secret_hash=row.secret_hash,
        origins=tuple(row.origins),
        ignore_cors_and_secret=row.ignore_cors_and_secret,
        created_at=row.created_at,
        revoked=row.revoked_at is not None,
        old_secret_hash=(row.old_secret_hash or "") if grace else "",
    )


def _name_by_type(type: str) -> str:  # noqa: A002  # the field's name
    return f"{type.capitalize()} client"


def _read_name(name: str) -> str:
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"name must be at most {LONGEST_NAME} printable characters", field="name")
    return name


def make_secret() -> str:
    """A new secret of 32 random bytes."""
    return "sec_" + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_verified: dict[str, bytes] = {}
"""Secret's hash → the secret that was seen to fit. A rotated secret has another hash, so nothing to drop."""
_VERIFIED_LIMIT = 10_000


def secret_matches(client: Client, secret: str) -> bool:
    """Whether that is the client's secret, or its last one while that is still taken.

    Constant time; hashes only until the first success.
    """
    if not 0 < len(secret) <= LONGEST_SECRET:
        return False
    given = secret.encode("utf-8", "surrogatepass")
    if _fits(client.secret_hash, given):
        return True
    return bool(client.old_secret_hash) and _fits(client.old_secret_hash, given)


def _fits(secret_hash: str, given: bytes) -> bool:
    known = _verified.get(secret_hash)
    if known is not None:
        return hmac.compare_digest(known, given)
    if not hmac.compare_digest(hashlib.sha256(given).hexdigest(), secret_hash):
        return False
    if len(_verified) >= _VERIFIED_LIMIT:
        _verified.clear()
    _verified[secret_hash] = given
    return True
