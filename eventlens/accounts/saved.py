"""What a project saves by name: cohorts, segments, goals, reports.

A definition is JSON whose meaning its kind's own code has checked. Here it is only kept: within bounds, and
for nobody but its project: another project's is as unknown as none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args
from uuid import uuid4

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.accounts.projects import read_name
from eventlens.catalog.base import ProjectRow, SavedRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime
from eventlens.errors import InvalidInput, NotFound

SavedKind = Literal["cohort", "segment", "goal", "report"]
SAVED_KINDS: tuple[SavedKind, ...] = get_args(SavedKind)

MOST_SAVED = 200
"""Of one kind in one project."""
LONGEST_DEFINITION = 32_768
"""Bytes of a definition as JSON."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved definition; `definition` is decoded JSON."""

    id: str
    project_id: str
    kind: SavedKind
    name: str
    definition: Any
    created_at: datetime
    updated_at: datetime


Check = Callable[[list[Saved]], None]
"""Looks at everything that a project has saved, as it is before a change, and raises what forbids that
change. It runs within the change's transaction, so what it saw is still true when the change is made."""


class SavedDefinitions:
    """What the projects of a catalog have saved."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def create(
        self, project_id: str, kind: SavedKind, name: str, definition: Any, check: Check | None = None
    ) -> Saved:
        """Save a definition. Raises NotFound (no such project), InvalidInput with `name` or `definition`."""
        name, definition = read_name(name), _read_definition(definition)
        with self._catalog.session(write=True) as session:
            self._begin(session, project_id, check)
            own = (SavedRow.project_id == project_id, SavedRow.kind == kind)
            count = session.scalar(select(func.count()).select_from(SavedRow).where(*own)) or 0
            if count >= MOST_SAVED:
                raise InvalidInput(f"a project has at most {MOST_SAVED} {kind}s", field="name")
            now = to_datetime(self._clock())
            row = SavedRow(
                id=str(uuid4()),
                project_id=project_id,
                kind=kind,
                name=name,
                definition=definition,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            return _saved(row)

    def list(self, project_id: str, kind: SavedKind) -> list[Saved]:
        """What a project has saved of a kind, the oldest first."""
        with self._catalog.session() as session:
            return _all(session, project_id, kind)

    def find(self, project_id: str, kind: SavedKind, id: str) -> Saved | None:  # noqa: A002  # the field's name
        """The project's saved definition of that kind and id."""
        with self._catalog.session() as session:
            row = session.get(SavedRow, id)
            return _saved(row) if row is not None and _is_own(row, project_id, kind) else None

    def get(self, project_id: str, kind: SavedKind, id: str) -> Saved:  # noqa: A002  # the field's name
        """The same. Raises NotFound."""
        found = self.find(project_id, kind, id)
        if found is None:
            raise NotFound(f"There is no such {kind}.")
        return found

    def update(
        self,
        project_id: str,
        kind: SavedKind,
        id: str,  # noqa: A002  # the field's name
        *,
        name: str | None = None,
        definition: Any = None,
        check: Check | None = None,
    ) -> Saved:
        """Change what is given (None: it stays). Raises NotFound, InvalidInput as `create`."""
        with self._catalog.session(write=True) as session:
            row = self._own(session, project_id, kind, id)
            self._begin(session, project_id, check)
            if name is not None:
                row.name = read_name(name)
            if definition is not None:
                row.definition = _read_definition(definition)
            if session.is_modified(row):
                row.updated_at = to_datetime(self._clock())
            return _saved(row)

    def remove(
        self,
        project_id: str,
        kind: SavedKind,
        id: str,  # noqa: A002  # the field's name
        check: Check | None = None,
    ) -> Saved:
        """Forget a saved definition; gives what it was. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            row = self._own(session, project_id, kind, id)
            self._begin(session, project_id, check)
            removed = _saved(row)
            session.delete(row)
            return removed

    def _begin(self, session: Session, project_id: str, check: Check | None) -> None:
        """One change of a project's saved definitions at a time, after a look at all of them."""
        if session.get(ProjectRow, project_id, with_for_update=True) is None:
            raise NotFound("There is no such project.")
        if check is not None:
            check(_all(session, project_id))

    def _own(self, session: Session, project_id: str, kind: SavedKind, id: str) -> SavedRow:  # noqa: A002  # the field's name
        row = session.get(SavedRow, id)
        if row is None or not _is_own(row, project_id, kind):
            raise NotFound(f"There is no such {kind}.")
        return row


def _is_own(row: SavedRow, project_id: str, kind: SavedKind) -> bool:
    return row.project_id == project_id and row.kind == kind


def _all(session: Session, project_id: str, kind: SavedKind | None = None) -> list[Saved]:
    rows = select(SavedRow).where(SavedRow.project_id == project_id)
    if kind is not None:
        rows = rows.where(SavedRow.kind == kind)
    return [_saved(row) for row in session.scalars(rows.order_by(SavedRow.created_at, SavedRow.id))]


def _saved(row: SavedRow) -> Saved:
    return Saved(
        id=row.id,
        project_id=row.project_id,
        kind=cast(SavedKind, row.kind),
        name=row.name,
        definition=row.definition,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _read_definition(definition: Any) -> Any:
    """A definition as it is kept: JSON and nothing else, not too long."""
    try:
        text = msgspec.json.encode(definition)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput("definition must be JSON", field="definition") from error
    if len(text) > LONGEST_DEFINITION:
        raise InvalidInput(f"definition is at most {LONGEST_DEFINITION} bytes of JSON", field="definition")
    plain = msgspec.json.decode(text)
    if not isinstance(plain, dict | list):
        raise InvalidInput("definition must be a JSON object or array", field="definition")
    return cast(Any, plain)
