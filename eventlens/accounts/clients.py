"""Clients: what a program shows to write into a project or to read from it.

A secret is 32 random bytes. It is shown once and kept only as its SHA-256: with that much randomness
there is nothing to guess, so a slow password hash would only slow down every request.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from eventlens.catalog.base import ClientRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound
from eventlens.setting_kinds import read_origin

ClientType = Literal["write", "read", "root"]
CLIENT_TYPES: tuple[ClientType, ...] = get_args(ClientType)

LONGEST_NAME = 200
LONGEST_SECRET = 256
MOST_ORIGINS = 100


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


class Clients:
    """The clients of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

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
            return add_client(
                session,
                self._clock(),
                project_id,
                type,
                name,
                origins,
                ignore_cors_and_secret=ignore_cors_and_secret,
            )

    def find(self, id: str) -> Client | None:  # noqa: A002  # the field's name
        """The client of that id; None when there is none or it was revoked."""
        with self._catalog.session() as session:
            row = session.get(ClientRow, id)
            return None if row is None or row.revoked_at is not None else _client(row)

    def list(self, project_id: str) -> list[Client]:
        """All clients of a project, revoked ones too, the oldest first."""
        with self._catalog.session() as session:
            rows = session.scalars(
                select(ClientRow)
                .where(ClientRow.project_id == project_id)
                .order_by(ClientRow.created_at, ClientRow.id)
            )
            return [_client(row) for row in rows]

    def rotate(self, id: str) -> str:  # noqa: A002  # the field's name
        """Give a client a new secret; the old one stops within a ClientCache's life. Raises NotFound."""
        secret = make_secret()
        with self._catalog.session(write=True) as session:
            _row(session, id).secret_hash = hash_secret(secret)
        return secret

    def revoke(self, id: str) -> None:  # noqa: A002  # the field's name
        """End a client for good; within a ClientCache's life nobody accepts it. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            _row(session, id).revoked_at = to_datetime(self._clock())


class ClientCache:
    """Remembers clients, so that a request costs no look-up.

    A client's change or revocation is noticed within `life_ms`; a new client at the latest a second
    after somebody tried its id. Bounded, whatever ids strangers try.
    """

    UNKNOWN_LIFE_MS = 1_000
    LIMIT = 10_000

    def __init__(self, clients: Clients, clock: Clock = now_ms, life_ms: int = 10_000) -> None:
        self._clients = clients
        self._clock = clock
        self._life_ms = life_ms
        # Apart, so that tried-out ids never push out clients that exist. Each: id → (client, until ms).
        self._known: dict[str, tuple[Client | None, int]] = {}
        self._unknown: dict[str, tuple[Client | None, int]] = {}

    def find(self, id: str) -> Client | None:  # noqa: A002  # the field's name
        """The client of that id, None when there is none or it was revoked. Raises Unavailable."""
        now = self._clock()
        entry = self._known.get(id) or self._unknown.get(id)
        if entry is not None and now < entry[1]:
            return entry[0]
        client = self._clients.find(id)
        if client is None:
            self._known.pop(id, None)
            self._keep(self._unknown, id, None, now + min(self.UNKNOWN_LIFE_MS, self._life_ms))
        else:
            self._unknown.pop(id, None)
            self._keep(self._known, id, client, now + self._life_ms)
        return client

    def _keep(
        self, entries: dict[str, tuple[Client | None, int]], key: str, client: Client | None, until: int
    ) -> None:
        entries.pop(key, None)  # so that it becomes the newest
        if len(entries) >= self.LIMIT:
            for oldest in list(entries)[: self.LIMIT // 10]:
                entries.pop(oldest, None)
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
        name=_read_name(name) or f"{type.capitalize()} client",
        type=type,
        secret_hash=hash_secret(secret),
        origins=_read_origins(origins),
        ignore_cors_and_secret=ignore_cors_and_secret,
        created_at=to_datetime(now),
        revoked_at=None,
    )
    session.add(row)
    session.flush()
    return _client(row), secret


def _row(session: Session, client_id: str) -> ClientRow:
    row = session.get(ClientRow, client_id)
    if row is None or row.revoked_at is not None:
        raise NotFound("There is no such client.")
    return row


def _client(row: ClientRow) -> Client:
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
    )


def _read_name(name: str) -> str:
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"name must be at most {LONGEST_NAME} printable characters", field="name")
    return name


def _read_origins(origins: Sequence[str]) -> list[str]:
    if len(origins) > MOST_ORIGINS:
        raise InvalidInput(f"origins must be at most {MOST_ORIGINS}", field="origins")
    found: dict[str, None] = {}
    for position, origin in enumerate(origins):
        try:
            found[read_origin(origin)] = None
        except ValueError:
            raise InvalidInput(
                "an origin must be like https://example.com, *.example.com or *", field=f"origins/{position}"
            ) from None
    return list(found)


def origin_allowed(origins: Sequence[str], origin: str) -> bool:
    """Whether an `Origin` header is among a client's origins.

    `*` is every origin, `https://a.example` that one, `a.example` that host with any scheme,
    `*.a.example` its subdomains (and not itself); a port must be the same.
    """
    try:
        given = read_origin(origin)
    except ValueError:
        return False
    if "*" in given:  # a pattern is no origin
        return False
    scheme, _, host = given.rpartition("://")
    return any(_matches(pattern, scheme, host) for pattern in origins)


def _matches(pattern: str, scheme: str, host: str) -> bool:
    if pattern == "*":
        return True
    wanted_scheme, _, wanted_host = pattern.rpartition("://")
    if wanted_scheme and wanted_scheme != scheme:
        return False
    if wanted_host.startswith("*."):
        return host.endswith(wanted_host[1:]) and len(host) > len(wanted_host) - 1
    return host == wanted_host


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
    """Whether that is the client's secret. Constant time; hashes only until the first success."""
    if not 0 < len(secret) <= LONGEST_SECRET:
        return False
    given = secret.encode("utf-8", "surrogatepass")
    known = _verified.get(client.secret_hash)
    if known is not None:
        return hmac.compare_digest(known, given)
    if not hmac.compare_digest(hashlib.sha256(given).hexdigest(), client.secret_hash):
        return False
    if len(_verified) >= _VERIFIED_LIMIT:
        _verified.clear()
    _verified[client.secret_hash] = given
    return True
