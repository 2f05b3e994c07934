"""The audit log: who changed what, when and from where. Never what a request carried: that may be secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, select

from eventlens.catalog.base import ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.people import AuditRow
from eventlens.clock import Clock, now_ms, to_datetime

KEPT = timedelta(days=400)
SHOWN = 500

ActorKind = Literal["client", "user", "token"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it."""

    kind: ActorKind
    id: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that somebody changed; `details` are the ids that the route's path named."""

    id: str
    at: datetime
    actor_kind: str
    actor_id: str
    actor: str
    address: str
    action: str
    project_id: str
    details: dict[str, str]


class Audit:
    """The audit log of a catalog, kept for 400 days."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def add(self, actor: Actor, action: str, named: Mapping[str, str]) -> None:
        """Note that somebody did something. `named`: `projectId`, `organisationId` and other ids."""
        now = to_datetime(self._clock())
        project_id = named.get("projectId", "")[:64]
        with self._catalog.session(write=True) as session:
            session.execute(delete(AuditRow).where(AuditRow.at < now - KEPT))
            project = session.get(ProjectRow, project_id) if project_id else None
            row = AuditRow(
                id=str(uuid4()),
                at=now,
                actor_kind=actor.kind,
                actor_id=actor.id[:36],
                actor=actor.name[:254],
                address=actor.address[:64],
                action=action[:200],
                organisation_id=project.organisation_id if project else named.get("organisationId", "")[:36],
                project_id=project_id,
                details={name: value[:200] for name, value in named.items()},
            )
            session.add(row)

    def of_project(self, project_id: str) -> list[Entry]:
        """The last entries of a project, the newest first."""
        return self._list(AuditRow.project_id == project_id)

    def of_organisation(self, organisation_id: str) -> list[Entry]:
        """The last entries of an organisation and its projects, the newest first."""
        return self._list(AuditRow.organisation_id == organisation_id)

    def of_user(self, user_id: str) -> list[Entry]:
        """The last entries of what a user did, the newest first."""
        return self._list(AuditRow.actor_id == user_id)

    def _list(self, which: ColumnElement[bool]) -> list[Entry]:
        with self._catalog.session() as session:
            wanted = select(AuditRow).where(which)
            rows = session.scalars(wanted.order_by(AuditRow.at.desc(), AuditRow.id).limit(SHOWN))
            return [_entry(row) for row in rows]


def _entry(row: AuditRow) -> Entry:
    return Entry(
        row.id,
        row.at,
        row.actor_kind,
        row.actor_id,
        row.actor,
        row.address,
        row.action,
        row.project_id,
        row.details,
    )
