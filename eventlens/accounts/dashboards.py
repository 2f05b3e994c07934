"""Dashboards: tiles on a grid of twelve columns, each a saved report or a view of the page's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.accounts.projects import read_name
from eventlens.catalog.base import ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.notes import DashboardRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound

MOST = 100
"""Of one project."""
MOST_TILES = 50
COLUMNS = 12
LONGEST = 65_536
"""Bytes of all tiles as JSON."""


Tiles = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard; each tile has `x`, `y`, `width`, `height` and what it shows."""

    id: str
    name: str
    tiles: Tiles
    created_at: datetime
    updated_at: datetime


class Dashboards:
    """The dashboards of a catalog's projects; another project's is as unknown as none."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def list(self, project_id: str) -> list[Dashboard]:
        """A project's, the oldest first."""
        with self._catalog.session() as session:
            own = select(DashboardRow).where(DashboardRow.project_id == project_id)
            rows = session.scalars(own.order_by(DashboardRow.created_at, DashboardRow.id))
            return [_dashboard(row) for row in rows]

    def get(self, project_id: str, dashboard_id: str) -> Dashboard:
        """One of them. Raises NotFound."""
        with self._catalog.session() as session:
            return _dashboard(_own(session, project_id, dashboard_id))

    def create(self, project_id: str, name: str, tiles: Tiles) -> Dashboard:
        """Add one. Raises NotFound (no such project), InvalidInput with the field `name` or `tiles…`."""
        now = to_datetime(self._clock())
        row = DashboardRow(
            id=str(uuid4()),
            project_id=project_id,
            name=read_name(name),
            tiles=_read_tiles(tiles),
            created_at=now,
            updated_at=now,
        )
        with self._catalog.session(write=True) as session:
            if session.get(ProjectRow, project_id) is None:
                raise NotFound("There is no such project.")
            own = select(func.count()).select_from(DashboardRow)
            if (session.scalar(own.where(DashboardRow.project_id == project_id)) or 0) >= MOST:
                raise InvalidInput(f"a project has at most {MOST} dashboards", field="name")
            session.add(row)
            return _dashboard(row)

    def update(
        self,
        project_id: str,
        dashboard_id: str,
        *,
        name: str | None = None,
        tiles: Tiles | None = None,
    ) -> Dashboard:
        """Change what is given. Raises NotFound, InvalidInput with the field."""
        with self._catalog.session(write=True) as session:
            row = _own(session, project_id, dashboard_id)
            if name is not None:
                row.name = read_name(name)
            if tiles is not None:
                row.tiles = _read_tiles(tiles)
            row.updated_at = to_datetime(self._clock())
            return _dashboard(row)

    def remove(self, project_id: str, dashboard_id: str) -> Dashboard:
        """Take one away. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            row = _own(session, project_id, dashboard_id)
            removed = _dashboard(row)
            session.delete(row)
            return removed


def _own(session: Session, project_id: str, dashboard_id: str) -> DashboardRow:
    row = session.get(DashboardRow, dashboard_id)
    if row is None or row.project_id != project_id:
        raise NotFound("There is no such dashboard.")
    return row


def _dashboard(row: DashboardRow) -> Dashboard:
    return Dashboard(row.id, row.name, row.tiles, row.created_at, row.updated_at)


def _read_tiles(tiles: Tiles) -> Tiles:
    """Tiles as they are kept: on the grid, not too many, not too long."""
    if len(tiles) > MOST_TILES:
        raise InvalidInput(f"a dashboard has at most {MOST_TILES} tiles", field="tiles")
    if len(msgspec.json.encode(tiles)) > LONGEST:
        raise InvalidInput(f"tiles are at most {LONGEST} bytes of JSON", field="tiles")
    for at, tile in enumerate(tiles):
        left, width, top, height = (tile[name] for name in ("x", "width", "y", "height"))
        if not (0 <= left < COLUMNS and 1 <= width <= COLUMNS - left):
            raise InvalidInput(f"a tile stands within {COLUMNS} columns", field=f"tiles/{at}/width")
        if not (0 <= top <= 1000 and 1 <= height <= 100):
            raise InvalidInput("y is from 0 to 1000, height from 1 to 100", field=f"tiles/{at}/height")
    return tiles
