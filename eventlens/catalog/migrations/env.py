"""Run by Alembic: apply the steps on the connection that `eventlens.catalog.migrate` opened."""

from alembic import context

from eventlens.catalog.migrate import VERSION_TABLE
from eventlens.catalog.notes import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
