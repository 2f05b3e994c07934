"""The relational tables of what members keep beside the numbers: annotations, dashboards, share links, names.
No behaviour.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from eventlens.catalog.base import UtcDateTime
from eventlens.catalog.people import Base


class AnnotationRow(Base):
    """What happened at some time, for whoever looks at a chart."""

    __tablename__ = "analytics_annotations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DashboardRow(Base):
    """Tiles on a grid."""

    __tablename__ = "analytics_dashboards"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    tiles: Mapped[list[Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShareRow(Base):
    """A link through which anybody may see a project's overview. The link itself is made of the id and the
    installation's key, and kept nowhere.
    """

    __tablename__ = "analytics_shares"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    embed: Mapped[list[str]] = mapped_column(JSON)
    """Origins whose pages may show it in a frame."""
    created_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NameRow(Base):
    """How a project calls an event or a property, what it says about it, and whether lists leave it out."""

    __tablename__ = "analytics_names"

    project_id: Mapped[str] = mapped_column(
        ForeignKey("analytics_projects.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), server_default="")
    hidden: Mapped[bool] = mapped_column(Boolean)
