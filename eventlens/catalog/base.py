"""The relational tables: projects, what they filter and save, clients, salts. No behaviour. Those of people
are in `people`.

Types are those that SQLite, MariaDB and PostgreSQL share. Times are UTC, whole milliseconds.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    false,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from eventlens.catalog.texts import compare_by_bytes

compare_by_bytes()

VERSION_TABLE = "analytics_catalog_version"
"""One row: which migration the tables are at. Who writes locks it (catalog/servers.py)."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, a bare one in the database, which knows no time zones."""

    # MySQL and MariaDB drop the milliseconds unless they are asked for.
    impl = DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Refuse a time of an unknown zone; cut to milliseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        value = value.astimezone(UTC).replace(tzinfo=None)
        return value.replace(microsecond=value.microsecond // 1000 * 1000)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Say that it is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that a later migration can name it on every database."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class OrganisationRow(Base):
    """Whom projects belong to."""

    __tablename__ = "analytics_organisations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProjectRow(Base):
    """One site or product whose events are kept together."""

    __tablename__ = "analytics_projects"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("analytics_organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(255))
    timezone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    allow_unverified_revenue: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether `__revenue` counts when the secret was not shown."""
    event_retention_days: Mapped[int | None] = mapped_column(Integer)
    """0 keeps events for ever; None does as EVENT_RETENTION_DAYS says."""


class FilterRow(Base):
    """What a project does not want in its numbers: an address or network, a path, an event, a profile."""

    __tablename__ = "analytics_project_filters"
    __table_args__ = (CheckConstraint("kind IN ('ip', 'path', 'event', 'profile')", name="kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(512))
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedRow(Base):
    """A definition that somebody saved by name: who is in a cohort, which filters make a segment."""

    __tablename__ = "analytics_saved"
    __table_args__ = (CheckConstraint("kind IN ('cohort', 'segment', 'goal', 'report')", name="kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    definition: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClientRow(Base):
    """What a program shows to write into or read from one project. Its secret is kept as a hash only."""

    __tablename__ = "analytics_clients"
    __table_args__ = (CheckConstraint("type IN ('write', 'read', 'root')", name="type"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(8))
    secret_hash: Mapped[str] = mapped_column(String(64))
    old_secret_hash: Mapped[str | None] = mapped_column(String(64))
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """A rotated secret goes on being taken until then, so that senders can change over."""
    origins: Mapped[list[str]] = mapped_column(JSON)
    ignore_cors_and_secret: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SaltRow(Base):
    """The random part of one UTC day's computed device ids; destroyed after a few days."""

    __tablename__ = "analytics_salts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16).with_variant(mysql.VARBINARY(16), "mysql", "mariadb"))
