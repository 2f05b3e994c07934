"""Annotations: what happened at some time, for whoever looks at a chart."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.catalog.base import ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.notes import AnnotationRow
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound

MOST = 1000
"""Of one project."""
LONGEST = 500
"""Characters."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text at a time."""

    id: str
    at: datetime
    text: str
    created_by: str
    created_at: datetime


class Annotations:
    """The annotations of a catalog's projects; another project's is as unknown as none."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def list(self, project_id: str) -> list[Annotation]:
        """A project's, by time."""
        with self._catalog.session() as session:
            own = select(AnnotationRow).where(AnnotationRow.project_id == project_id)
            rows = session.scalars(own.order_by(AnnotationRow.at, AnnotationRow.id))
            return [_annotation(row) for row in rows]

    def create(self, project_id: str, at: datetime, text: str, created_by: str) -> Annotation:
        """Add one. Raises NotFound (no such project), InvalidInput with the field `at` or `text`."""
        row = AnnotationRow(
            id=str(uuid4()),
            project_id=project_id,
            at=_read_time(at),
            text=_read_text(text),
            created_by=created_by[:254],
            created_at=to_datetime(self._clock()),
        )
        with self._catalog.session(write=True) as session:
            if session.get(ProjectRow, project_id) is None:
                raise NotFound("There is no such project.")
            own = select(func.count()).select_from(AnnotationRow)
            if (session.scalar(own.where(AnnotationRow.project_id == project_id)) or 0) >= MOST:
                raise InvalidInput(f"a project has at most {MOST} annotations", field="text")
            session.add(row)
            return _annotation(row)

    def update(
        self, project_id: str, annotation_id: str, *, at: datetime | None = None, text: str | None = None
    ) -> Annotation:
        """Change what is given. Raises NotFound, InvalidInput with the field."""
        with self._catalog.session(write=True) as session:
            row = _own(session, project_id, annotation_id)
            if at is not None:
                row.at = _read_time(at)
            if text is not None:
                row.text = _read_text(text)
            return _annotation(row)

    def remove(self, project_id: str, annotation_id: str) -> Annotation:
        """Take one away. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            row = _own(session, project_id, annotation_id)
            removed = _annotation(row)
            session.delete(row)
            return removed


def _own(session: Session, project_id: str, annotation_id: str) -> AnnotationRow:
    row = session.get(AnnotationRow, annotation_id)
    if row is None or row.project_id != project_id:
        raise NotFound("There is no such annotation.")
    return row


def _annotation(row: AnnotationRow) -> Annotation:
    return Annotation(row.id, row.at, row.text, row.created_by, row.created_at)


def _read_time(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidInput("at is an instant: it ends in Z or an offset", field="at")
    if not 1970 <= at.year <= 9998:
        raise InvalidInput("at is from 1970 to 9998", field="at")
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _read_text(text: str) -> str:
    plain = text.strip()
    if not 0 < len(plain) <= LONGEST or not plain.replace("\n", " ").isprintable():
        raise InvalidInput(f"text has 1 to {LONGEST} printable characters", field="text")
    return plain
