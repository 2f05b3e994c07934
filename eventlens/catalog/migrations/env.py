"""Run by Alembic: apply the steps on the connection that `eventlens.catalog.migrate` opened."""

from typing import Any

from alembic import context
from alembic.ddl.mysql import MariaDBImpl, MySQLImpl
from sqlalchemy.exc import OperationalError

from eventlens.catalog.base import VERSION_TABLE
from eventlens.catalog.notes import Base

ALREADY_THERE = {1050, 1060, 1061, 1826}
"""MySQL's errors for a table, a column, an index and a foreign key that exists."""
SO_IS_THE_KEY = "errno: 121"
"""What MariaDB says of a foreign key that exists."""


class _Resuming(MySQLImpl):
    """Passes over what a step did before it broke off: each statement was done as a whole, or not at all."""

    def _exec(self, construct: Any, *words: Any, **named: Any) -> Any:
        alembic: Any = super()
        try:
            return alembic._exec(construct, *words, **named)  # noqa: SLF001  # Alembic has no other hook
        except OperationalError as error:
            code, said = error.orig.args[:2] if error.orig else (0, "")
            if code not in ALREADY_THERE and SO_IS_THE_KEY not in str(said):
                raise
            return None


class ResumingMySQL(_Resuming):
    """Takes the place of Alembic's own."""

    __dialect__ = "mysql"


class ResumingMariaDB(_Resuming, MariaDBImpl):
    """Takes the place of Alembic's own."""

    __dialect__ = "mariadb"


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=connection.dialect.name not in ("mysql", "mariadb"),
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
