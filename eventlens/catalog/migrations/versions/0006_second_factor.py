"""The second factor, personal tokens, accounts elsewhere, the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["analytics_users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Add the columns and the tables."""
    with op.batch_alter_table("analytics_users") as users:
        users.add_column(sa.Column("totp_nonce", sa.String(32), nullable=True))
        users.add_column(sa.Column("totp_since", moment, nullable=True))
        users.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
    table = "analytics_recovery_codes"
    op.create_table(
        table,
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=f"pk_{table}"),
        _of_user(table),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])
    _tokens()
    _identities()
    _audit()


def _tokens() -> None:
    table = "analytics_api_tokens"
    op.create_table(
        table,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("token_hash", name=f"uq_{table}_token_hash"),
        _of_user(table),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _identities() -> None:
    table = "analytics_identities"
    op.create_table(
        table,
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("provider", "subject", name=f"pk_{table}"),
        _of_user(table),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _audit() -> None:
    table = "analytics_audit"
    op.create_table(
        table,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor_kind", sa.String(8), nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("action", sa.String(200), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    for column in ("at", "organisation_id", "project_id"):
        op.create_index(f"ix_{table}_{column}", table, [column])
