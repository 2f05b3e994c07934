"""Share links: through one, anybody sees a project's overview and nothing else of it.

A link is made of the share's id and the installation's key: the catalog gives nobody a link, and members may
look at it again. One with a password is opened with it for some hours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select

from eventlens.accounts.origins import read_origins
from eventlens.accounts.passwords import hash_password, password_matches
from eventlens.accounts.projects import read_name
from eventlens.accounts.tokens import Signer
from eventlens.catalog.base import ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.notes import ShareRow
from eventlens.clock import HOUR, Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound, Unauthenticated

MOST = 100
"""Of one project."""
LONGEST_DAYS = 3650
SHORTEST_PASSWORD, LONGEST_PASSWORD = 6, 256
OPEN_MS = 12 * HOUR
"""How long a password need not be given again."""

_TOKEN = re.compile(r"([0-9a-f]{32})([\w-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Share:
    """A share link. Pages of the origins in `embed` may show it in a frame."""

    id: str
    project_id: str
    name: str
    protected: bool
    embed: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None


class Shares:
    """The share links of a catalog's projects; another project's is as unknown as none."""

    def __init__(self, catalog: Catalog, signer: Signer, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._signer = signer
        self._clock = clock

    def create(  # the columns of a row
        self,
        project_id: str,
        name: str,
        created_by: str,
        *,
        password: str = "",
        days: int | None = None,
        embed: Sequence[str] = (),
    ) -> Share:
        """Add one. Raises NotFound, InvalidInput with the field `name`, `password`, `days`, `embed/…`."""
        row = ShareRow(
            id=uuid4().hex,
            project_id=project_id,
            name=read_name(name),
            password_hash=_hashed(password),
            embed=_read_embed(embed),
            created_by=created_by[:254],
            created_at=to_datetime(self._clock()),
            expires_at=self._end(days),
        )
        with self._catalog.session(write=True) as session:
            if session.get(ProjectRow, project_id) is None:
                raise NotFound("There is no such project.")
            own = select(func.count()).select_from(ShareRow).where(ShareRow.project_id == project_id)
            if (session.scalar(own) or 0) >= MOST:
                raise InvalidInput(f"a project has at most {MOST} share links", field="name")
            session.add(row)
            session.flush()
            return _share(row)

    def list(self, project_id: str) -> list[Share]:
        """A project's, the oldest first; those that are over, too."""
        with self._catalog.session() as session:
            own = select(ShareRow).where(ShareRow.project_id == project_id)
            return [_share(row) for row in session.scalars(own.order_by(ShareRow.created_at, ShareRow.id))]

    def remove(self, project_id: str, share_id: str) -> Share:
        """End one at once. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            row = session.get(ShareRow, share_id)
            if row is None or row.project_id != project_id:
                raise NotFound("There is no such share link.")
            removed = _share(row)
            session.delete(row)
            return removed

    def token(self, share_id: str) -> str:
        """What its link ends with."""
        return share_id + self._signer.mac("share", share_id)

    def find(self, token: str) -> Share | None:
        """The share of a link; None where there is none (any more)."""
        row = self._row(token)
        return None if row is None else _share(row)

    def open(self, token: str, password: str) -> tuple[Share, str]:
        """A share and the key that goes along with its questions, '' where it has no password.

        Raises NotFound, Unauthenticated (no password, or a wrong one).
        """
        row = self._row(token)
        if row is None:
            raise NotFound("This link was taken back or is too old; ask whoever sent it for another.")
        if row.password_hash is None:
            return _share(row), ""
        if not password_matches(row.password_hash, password):
            raise Unauthenticated("The password is wrong." if password else "This link has a password.")
        until = self._clock() + OPEN_MS
        return _share(row), self._signer.seal("opened share", [row.id, row.password_hash[-20:]], until)

    def opened(self, token: str, key: str) -> Share | None:
        """The share of a link for whoever has its key; None for anybody else."""
        row = self._row(token)
        if row is None or row.password_hash is None:
            return None if row is None else _share(row)
        fits = self._signer.open("opened share", key, self._clock()) if key else None
        return _share(row) if fits == [row.id, row.password_hash[-20:]] else None

    def _row(self, token: str) -> ShareRow | None:
        match = _TOKEN.fullmatch(token)
        if match is None or not self._signer.fits("share", match[1], match[2]):
            return None
        with self._catalog.session() as session:
            row = session.get(ShareRow, match[1])
        if row is None or (row.expires_at is not None and row.expires_at <= to_datetime(self._clock())):
            return None
        return row

    def _end(self, days: int | None) -> datetime | None:
        if days is None:
            return None
        if not 1 <= days <= LONGEST_DAYS:
            raise InvalidInput(f"days must be 1 to {LONGEST_DAYS}", field="days")
        return to_datetime(self._clock()) + timedelta(days=days)


def _hashed(password: str) -> str | None:
    if not password:
        return None
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        words = f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        raise InvalidInput(words, field="password")
    return hash_password(password)


def _read_embed(embed: Sequence[str]) -> list[str]:
    try:
        return read_origins(embed)
    except InvalidInput as wrong:
        field = (wrong.field or "").replace("origins", "embed")
        raise InvalidInput(wrong.message.replace("origins", "embed"), field=field) from None


def _share(row: ShareRow) -> Share:
    return Share(
        row.id,
        row.project_id,
        row.name,
        row.password_hash is not None,
        tuple(row.embed),
        row.created_by,
        row.created_at,
        row.expires_at,
    )
