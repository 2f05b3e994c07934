"""Projects, clients, users, members and salts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
salt = sa.LargeBinary(16).with_variant(mysql.VARBINARY(16), "mysql", "mariadb")


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "analytics_projects",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_projects"),
    )
    op.create_table(
        "analytics_users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("owner", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_users"),
        sa.UniqueConstraint("email", name="uq_analytics_users_email"),
    )
    op.create_table(
        "analytics_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", salt, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_analytics_salts"),
    )
    _create_clients()
    _create_members()


def _create_clients() -> None:
    op.create_table(
        "analytics_clients",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("type", sa.String(8), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("ignore_cors_and_secret", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("revoked_at", moment, nullable=True),
        sa.CheckConstraint("type IN ('write', 'read', 'root')", name=op.f("ck_analytics_clients_type")),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_clients"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["analytics_projects.id"],
            name="fk_analytics_clients_project_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_analytics_clients_project_id", "analytics_clients", ["project_id"])


def _create_members() -> None:
    op.create_table(
        "analytics_members",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "user_id", name="pk_analytics_members"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["analytics_projects.id"],
            name="fk_analytics_members_project_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["analytics_users.id"], name="fk_analytics_members_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_analytics_members_user_id", "analytics_members", ["user_id"])
