"""Put together what lies in many files: a question opens all of a month, so few are twice as fast."""

from typing import LiteralString

from eventlens.store.base import Store
from eventlens.store.cluster import everywhere

_MANY = 3
"""Parts of a month that may stay as they are."""


def scattered(store: Store, *, many: int = _MANY, quiet_seconds: int = 3600) -> list[str]:
    """The months of lists that lie in more than `many` parts, the newest of them that old; oldest first."""
    sql: LiteralString = f"""SELECT partition_id FROM {store.layout.parts}
WHERE active AND database = currentDatabase() AND table = '{store.layout.share("rollup_rows")}'
GROUP BY partition_id
HAVING count() > {{many:UInt64}} AND max(modification_time) <= now() - toIntervalSecond({{quiet:UInt64}})
ORDER BY partition_id"""
    return [month for (month,) in store.query(sql, {"many": many, "quiet": quiet_seconds}).rows]


def put_together(store: Store, month: str) -> None:
    """Write a month of lists anew, as one part; that takes as long as reading it."""
    share = store.layout.share("rollup_rows")
    everywhere(store, f"OPTIMIZE TABLE {share} PARTITION ID {{month:String}} FINAL", {"month": month})
