"""The secret that a client had before, and until when it is still taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"

moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("analytics_clients") as clients:
        clients.add_column(sa.Column("old_secret_hash", sa.String(64), nullable=True))
        clients.add_column(sa.Column("old_secret_until", moment, nullable=True))
