"""Tables and columns of the event store by name, read from `schema.sql` so that there is one source."""

import re
from collections.abc import Mapping
from importlib import resources
from typing import LiteralString, cast

SCHEMA = resources.files("eventlens.store").joinpath("schema.sql").read_text("utf-8")

_TABLE = re.compile(r"^CREATE TABLE (\w+)\n\(\n(.*?)^\)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^    ([a-z_]+) +(\S.*?)(?: CODEC\(.*\)| DEFAULT .*)?,?$")


def _columns(body: str) -> dict[str, str]:
    matches = (_COLUMN.match(line) for line in body.splitlines() if not line.startswith("    INDEX"))
    return {match[1]: match[2].rstrip(",") for match in matches if match}


def statements(text: LiteralString) -> tuple[LiteralString, ...]:
    """The statements of a .sql file, without comments."""
    bare = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    return tuple(cast(LiteralString, part.strip()) for part in bare.split(";") if part.strip())


COLUMN_TYPES: Mapping[str, Mapping[str, str]] = {
    table: _columns(body) for table, body in _TABLE.findall(SCHEMA)
}
"""`{table: {column: ClickHouse type}}`, in the order of `schema.sql`."""

EVENT_COLUMNS: tuple[str, ...] = tuple(COLUMN_TYPES["events"])
SESSION_COLUMNS: tuple[str, ...] = tuple(COLUMN_TYPES["sessions"])

SESSION_OF_EVENT: tuple[str, ...] = (
    "referrer",
    "referrer_name",
    "referrer_type",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "click_id_name",
    "click_id",
)
"""What every event carries of its session's first event."""
