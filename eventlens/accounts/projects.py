"""Projects: one site or product each, with its own time zone."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from eventlens.catalog.base import OrganisationRow, ProjectRow
from eventlens.catalog.connect import Catalog
from eventlens.clock import Clock, now_ms, to_datetime, zone_names
from eventlens.errors import InvalidInput, NotFound

# Without letters and digits that are mistaken for each other.
ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LONGEST_NAME = 200
LONGEST_DOMAIN = 253
LONGEST_RETENTION = 36_500
AS_SET = -1
"""Instead of a number of days: as EVENT_RETENTION_DAYS says."""
FIRST_ORGANISATION = "My organisation"


@dataclass(frozen=True, slots=True)
class Project:
    """A project. `timezone` is an IANA name, `domain` a host name or ''."""

    id: str
    organisation_id: str
    name: str
    domain: str
    timezone: str
    created_at: datetime
    allow_unverified_revenue: bool = False
    """Whether `__revenue` counts when the secret was not shown."""
    event_retention_days: int | None = None
    """Days that events are kept, 0 for ever; None: as EVENT_RETENTION_DAYS says."""


class Projects:
    """The projects of a catalog. `changed` is told after each change of one."""

    def __init__(
        self, catalog: Catalog, clock: Clock = now_ms, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._changed = changed

    def create(
        self, name: str, domain: str = "", timezone: str = "UTC", *, organisation_id: str = ""
    ) -> Project:
        """Add a project; without an organisation it belongs to the oldest.

        Raises InvalidInput with the field `name`, `domain` or `timezone`, NotFound (no such organisation).
        """
        with self._catalog.session(write=True) as session:
            if organisation_id and session.get(OrganisationRow, organisation_id) is None:
                raise NotFound("There is no such organisation.")
            own = organisation_id or first_organisation(session, self._clock()).id
            return add_project(session, self._clock(), own, name, domain, timezone)

    def find(self, id: str) -> Project | None:  # noqa: A002  # the field's name
        """The project of that id."""
        with self._catalog.session() as session:
            row = session.get(ProjectRow, id)
            return project_of(row) if row else None

    def list(self) -> list[Project]:
        """All projects, the oldest first."""
        with self._catalog.session() as session:
            rows = session.scalars(select(ProjectRow).order_by(ProjectRow.created_at, ProjectRow.id))
            return [project_of(row) for row in rows]

    def update(
        self,
        id: str,  # noqa: A002  # the field's name
        *,
        name: str | None = None,
        domain: str | None = None,
        timezone: str | None = None,
        allow_unverified_revenue: bool | None = None,
        event_retention_days: int | None = None,
    ) -> Project:
        """Change what is given; `event_retention_days` AS_SET goes back to what the setting says.

        Raises NotFound, InvalidInput with the field.
        """
        with self._catalog.session(write=True) as session:
            row = session.get(ProjectRow, id)
            if row is None:
                raise NotFound("There is no such project.")
            if name is not None:
                row.name = read_name(name)
            if domain is not None:
                row.domain = _read_domain(domain)
            if timezone is not None:
                row.timezone = _read_timezone(timezone)
            if allow_unverified_revenue is not None:
                row.allow_unverified_revenue = allow_unverified_revenue
            if event_retention_days is not None:
                row.event_retention_days = _read_days(event_retention_days)
            session.flush()
            changed = project_of(row)
        self._changed()
        return changed

    def remove(self, id: str) -> Project:  # noqa: A002  # the field's name
        """Delete a project with its clients, members and all that is kept for it. Raises NotFound."""
        with self._catalog.session(write=True) as session:
            row = session.get(ProjectRow, id)
            if row is None:
                raise NotFound("There is no such project.")
            removed = project_of(row)
            session.delete(row)
        self._changed()
        return removed


def add_organisation(session: Session, now: int, name: str) -> OrganisationRow:
    """Add an organisation within a transaction of the caller's. `now` in ms; raises InvalidInput."""
    row = OrganisationRow(id=str(uuid4()), name=read_name(name), created_at=to_datetime(now))
    session.add(row)
    session.flush()
    return row


def first_organisation(session: Session, now: int) -> OrganisationRow:
    """The oldest organisation, made where there is none: that of projects that nobody says otherwise of."""
    oldest = select(OrganisationRow).order_by(OrganisationRow.created_at, OrganisationRow.id).limit(1)
    return session.scalars(oldest).first() or add_organisation(session, now, FIRST_ORGANISATION)


def add_project(
    session: Session, now: int, organisation_id: str, name: str, domain: str = "", timezone: str = "UTC"
) -> Project:
    """Add a project within a transaction of the caller's. `now` in ms.

    Raises InvalidInput with the field `name`, `domain` or `timezone`.
    """
    name = read_name(name)
    row = ProjectRow(
        id=make_project_id(name),
        organisation_id=organisation_id,
        name=name,
        domain=_read_domain(domain),
        timezone=_read_timezone(timezone),
        created_at=to_datetime(now),
        allow_unverified_revenue=False,
    )
    session.add(row)
    session.flush()
    return project_of(row)


def _read_days(days: int) -> int | None:
    if not AS_SET <= days <= LONGEST_RETENTION:
        message = f"It must be a number of days from 0 (for ever) to {LONGEST_RETENTION}, or null."
        raise InvalidInput(message, field="event_retention_days")
    return None if days == AS_SET else days


def project_of(row: ProjectRow) -> Project:
    """A project as others see it."""
    return Project(
        row.id,
        row.organisation_id,
        row.name,
        row.domain,
        row.timezone,
        row.created_at,
        row.allow_unverified_revenue,
        row.event_retention_days,
    )


def make_project_id(name: str) -> str:
    """A readable id nobody guesses by counting: `my-site-x7k2qd`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-") or "project"
    return f"{slug}-{''.join(secrets.choice(ID_LETTERS) for _ in range(6))}"


def read_name(name: str) -> str:
    """A name as it is kept: trimmed. Raises InvalidInput."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"name must be 1 to {LONGEST_NAME} printable characters", field="name")
    return name


def _read_domain(domain: str) -> str:
    # People paste the address bar; the host is what they mean.
    host = re.sub(r"^[a-z]+://", "", domain.strip().lower()).split("/", 1)[0]
    if host and (len(host) > LONGEST_DOMAIN or not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?(:[0-9]{1,5})?", host)):
        raise InvalidInput("domain must be a host name, such as example.com", field="domain")
    return host.rstrip(".")


def _read_timezone(timezone: str) -> str:
    if timezone not in zone_names():
        raise InvalidInput(
            f"timezone must be an IANA time zone such as Europe/Berlin, not {timezone[:64]!r}",
            field="timezone",
        )
    return timezone
