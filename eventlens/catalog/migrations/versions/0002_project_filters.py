"""Filters of projects, and whether revenue counts without a verified secret."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def upgrade() -> None:
    """Add the table and the column."""
    with op.batch_alter_table("analytics_projects") as projects:
        projects.add_column(
            sa.Column("allow_unverified_revenue", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.create_table(
        "analytics_project_filters",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.String(512), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('ip', 'path', 'event', 'profile')", name=op.f("ck_analytics_project_filters_kind")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_project_filters"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["analytics_projects.id"],
            name="fk_analytics_project_filters_project_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_analytics_project_filters_project_id", "analytics_project_filters", ["project_id"])
