"""Organisations: whom projects belong to."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eventlens.accounts.members import Organisation, Place, add_member, organisation_of
from eventlens.accounts.projects import add_organisation, read_name
from eventlens.catalog.base import OrganisationRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms
from eventlens.errors import Conflict, NotFound


class Organisations:
    """The organisations of a catalog."""

    def __init__(self, catalog: Catalog, clock: Clock = now_ms) -> None:
        self._catalog = catalog
        self._clock = clock

    def create(self, name: str, owner_id: str) -> Organisation:
        """Add an organisation of that user's. Raises InvalidInput (`name`)."""
        with self._catalog.session(write=True) as session:
            row = add_organisation(session, self._clock(), name)
            add_member(session, self._clock(), Place(row.id), owner_id, "owner")
            return organisation_of(row)

    def find(self, organisation_id: str) -> Organisation:
        """The organisation of that id. Raises NotFound."""
        with self._catalog.session() as session:
            return organisation_of(_row(session, organisation_id))

    def rename(self, organisation_id: str, name: str) -> Organisation:
        """Give it another name. Raises NotFound, InvalidInput (`name`)."""
        with self._catalog.session(write=True) as session:
            row = _row(session, organisation_id)
            row.name = read_name(name)
            return organisation_of(row)

    def remove(self, organisation_id: str) -> Organisation:
        """Delete an organisation that has no projects. Raises NotFound, Conflict."""
        with self._catalog.session(write=True) as session:
            row = _row(session, organisation_id)
            own = (
                select(func.count())
                .select_from(ProjectRow)
                .where(ProjectRow.organisation_id == organisation_id)
            )
            if session.scalar(own):
                raise Conflict("An organisation with projects cannot be deleted; delete those first.")
            removed = organisation_of(row)
            session.delete(row)
            return removed


def _row(session: Session, organisation_id: str) -> OrganisationRow:
    row = session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFound("There is no such organisation.")
    return row
