"""How long a project keeps its events."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; without a value the setting decides."""
    with op.batch_alter_table("analytics_projects") as table:
        table.add_column(sa.Column("event_retention_days", sa.Integer(), nullable=True))
