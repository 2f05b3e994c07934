"""How a project calls its events and properties, and which of them lists leave out; no number changes."""

from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.catalog.base import ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.catalog.notes import NameRow
from eventlens.errors import InvalidInput, NotFound

NameKind = Literal["event", "property", "profile"]
NAME_KINDS: tuple[NameKind, ...] = get_args(NameKind)
"""Events, their properties, properties of profiles."""

MOST = 2000
"""Of one project."""
LONGEST = 200
"""Characters of a name, as it is sent and as it is shown."""
LONGEST_DESCRIPTION = 500


@dataclass(frozen=True, slots=True)
class ShownName:
    """How something is shown. `name` is what is sent; an empty `label` shows that."""

    kind: NameKind
    name: str
    label: str
    description: str
    hidden: bool


class Names:
    """The names of a catalog's projects. One that says nothing is not kept."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def list(self, project_id: str) -> list[ShownName]:
        """A project's, by kind and name."""
        with self._catalog.session() as session:
            own = select(NameRow).where(NameRow.project_id == project_id)
            return [_shown(row) for row in session.scalars(own.order_by(NameRow.kind, NameRow.name))]

    def set(
        self,
        project_id: str,
        kind: str,
        name: str,
        *,
        label: str | None = None,
        description: str | None = None,
        hidden: bool | None = None,
    ) -> ShownName:
        """Change what is given. Raises NotFound (no such project), InvalidInput with the field."""
        key = (project_id, _read_kind(kind), _read_name(name))
        change: dict[str, Any] = {} if hidden is None else {"hidden": hidden}
        if label is not None:
            change["label"] = _read_text(label, "label", LONGEST)
        if description is not None:
            change["description"] = _read_text(description, "description", LONGEST_DESCRIPTION)
        with self._catalog.session(write=True) as session:
            row = session.get(NameRow, key)
            before = ShownName(key[1], name, "", "", hidden=False) if row is None else _shown(row)
            shown = replace(before, **change)
            if not (shown.label or shown.description or shown.hidden):
                if row is not None:
                    session.delete(row)
                return shown
            if row is None:
                _check_room(session, project_id)
                row = NameRow(project_id=project_id, kind=kind, name=name)
                session.add(row)
            row.label, row.description, row.hidden = shown.label, shown.description, shown.hidden
            return shown

    def reset(self, project_id: str, kind: str, name: str) -> ShownName:
        """Show something as it is sent; it is no mistake where it was already."""
        plain = ShownName(_read_kind(kind), _read_name(name), "", "", hidden=False)
        with self._catalog.session(write=True) as session:
            row = session.get(NameRow, (project_id, plain.kind, plain.name))
            if row is not None:
                session.delete(row)
        return plain


def _check_room(session: Session, project_id: str) -> None:
    if session.get(ProjectRow, project_id) is None:
        raise NotFound("There is no such project.")
    own = select(func.count()).select_from(NameRow).where(NameRow.project_id == project_id)
    if (session.scalar(own) or 0) >= MOST:
        raise InvalidInput(f"a project has at most {MOST} names", field="name")


def _shown(row: NameRow) -> ShownName:
    return ShownName(cast(NameKind, row.kind), row.name, row.label, row.description, row.hidden)


def _read_kind(kind: str) -> NameKind:
    if kind not in NAME_KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(NAME_KINDS)}", field="kind")
    return kind


def _read_name(name: str) -> str:
    """As it is sent, character by character."""
    if not 0 < len(name) <= LONGEST or "\0" in name:
        raise InvalidInput(f"name has 1 to {LONGEST} characters", field="name")
    return name


def _read_text(text: str, field: str, longest: int) -> str:
    plain = text.strip()
    if len(plain) > longest or not plain.replace("\n", " ").isprintable():
        raise InvalidInput(f"{field} has at most {longest} printable characters", field=field)
    return plain
