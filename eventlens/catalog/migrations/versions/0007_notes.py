"""Annotations and dashboards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0007"
down_revision = "0006"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def _table(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["analytics_projects.id"], name=f"fk_{name}_project_id", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{name}_project_id", name, ["project_id"])


def upgrade() -> None:
    """Add the tables."""
    _table(
        "analytics_annotations",
        sa.Column("at", moment, nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", moment, nullable=False),
    )
    _table(
        "analytics_dashboards",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("tiles", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
    )
