"""What a project says about an event or a property beside its name."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column."""
    described = sa.Column("description", sa.String(500), server_default="", nullable=False)
    op.add_column("analytics_names", described)
