"""Organisations, sign-ins, links and invitations; every project belongs to an organisation."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
ROLES = "role IN ('owner', 'admin', 'editor', 'viewer')"


def _belongs(table: str, column: str, to: str, *, cascade: bool = True) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE" if cascade else None
    )


def upgrade() -> None:
    """Add the tables; give what is there to one organisation."""
    op.create_table(
        "analytics_organisations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_organisations"),
    )
    with op.batch_alter_table("analytics_users") as users:
        users.add_column(sa.Column("name", sa.String(200), server_default="", nullable=False))
    _members()
    _give_projects_to_an_organisation()
    _signing_in()
    _invitations()


def _members() -> None:
    table = "analytics_organisation_members"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint(ROLES, name=op.f(f"ck_{table}_role")),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name=f"pk_{table}"),
        _belongs(table, "organisation_id", "analytics_organisations"),
        _belongs(table, "user_id", "analytics_users"),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _give_projects_to_an_organisation() -> None:
    table = "analytics_projects"
    with op.batch_alter_table(table) as projects:
        projects.add_column(sa.Column("organisation_id", sa.String(36), nullable=True))
    connection = op.get_bind()
    projects = sa.table(table, sa.column("organisation_id", sa.String()))
    users = sa.table("analytics_users", sa.column("id", sa.String()), sa.column("owner", sa.Boolean()))
    owners = list(connection.scalars(sa.select(users.c.id).where(users.c.owner)))
    if owners or connection.scalar(sa.select(sa.func.count()).select_from(projects)):
        own = str(uuid4())
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        organisations = sa.table(
            "analytics_organisations",
            sa.column("id", sa.String()),
            sa.column("name", sa.String()),
            sa.column("created_at", sa.DateTime()),
        )
        members = sa.table(
            "analytics_organisation_members",
            sa.column("organisation_id", sa.String()),
            sa.column("user_id", sa.String()),
            sa.column("role", sa.String()),
            sa.column("created_at", sa.DateTime()),
        )
        connection.execute(organisations.insert().values(id=own, name="My organisation", created_at=now))
        connection.execute(projects.update().values(organisation_id=own))
        for owner in owners:
            connection.execute(
                members.insert().values(organisation_id=own, user_id=owner, role="owner", created_at=now)
            )
    with op.batch_alter_table(table) as changed:
        changed.alter_column("organisation_id", existing_type=sa.String(36), nullable=False)
        changed.create_foreign_key(
            f"fk_{table}_organisation_id", "analytics_organisations", ["organisation_id"], ["id"]
        )
        changed.create_index(f"ix_{table}_organisation_id", ["organisation_id"])


def _signing_in() -> None:
    op.create_table(
        "analytics_sign_ins",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_sign_ins"),
        sa.UniqueConstraint("token_hash", name="uq_analytics_sign_ins_token_hash"),
        _belongs("analytics_sign_ins", "user_id", "analytics_users"),
    )
    op.create_index("ix_analytics_sign_ins_user_id", "analytics_sign_ins", ["user_id"])
    op.create_index("ix_analytics_sign_ins_expires_at", "analytics_sign_ins", ["expires_at"])
    op.create_table(
        "analytics_links",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.CheckConstraint("kind IN ('setup', 'reset')", name=op.f("ck_analytics_links_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_links"),
        sa.UniqueConstraint("token_hash", name="uq_analytics_links_token_hash"),
        _belongs("analytics_links", "user_id", "analytics_users"),
    )
    op.create_index("ix_analytics_links_user_id", "analytics_links", ["user_id"])


def _invitations() -> None:
    table = "analytics_invitations"
    op.create_table(
        table,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("invited_by", sa.String(254), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.CheckConstraint(ROLES, name=op.f(f"ck_{table}_role")),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("token_hash", name=f"uq_{table}_token_hash"),
        _belongs(table, "organisation_id", "analytics_organisations"),
        _belongs(table, "project_id", "analytics_projects"),
    )
    op.create_index(f"ix_{table}_organisation_id", table, ["organisation_id"])
    op.create_index(f"ix_{table}_project_id", table, ["project_id"])
