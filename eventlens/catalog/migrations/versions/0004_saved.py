"""Saved definitions: cohorts, segments, goals, reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "analytics_saved",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('cohort', 'segment', 'goal', 'report')", name=op.f("ck_analytics_saved_kind")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_saved"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["analytics_projects.id"],
            name="fk_analytics_saved_project_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_analytics_saved_project_id", "analytics_saved", ["project_id"])
