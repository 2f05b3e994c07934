"""Share links, names of events and properties, addresses that are known to be their user's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def upgrade() -> None:
    """Add the tables and the column."""
    op.create_table(
        "analytics_shares",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("embed", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_shares"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["analytics_projects.id"],
            name="fk_analytics_shares_project_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_analytics_shares_project_id", "analytics_shares", ["project_id"])
    op.create_table(
        "analytics_names",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "kind", "name", name="pk_analytics_names"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["analytics_projects.id"],
            name="fk_analytics_names_project_id",
            ondelete="CASCADE",
        ),
    )
    # Added as it is: a table made anew for it would get another spelling of its defaults.
    proven = sa.Column("email_proven", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("analytics_users", proven)
