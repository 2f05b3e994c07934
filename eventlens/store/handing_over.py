"""All rows about a person as lines of JSON, table by table: what is handed over on request."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

from eventlens.store.base import Store
from eventlens.store.events import chunks, text_chunks
from eventlens.store.removing import OF_PERSON

_DERIVED = frozenset({"identities"})
"""Says nothing that the others do not."""


def files_of_person(
    store: Store,
    project_id: str,
    nodes: tuple[int, ...],
    devices: tuple[str, ...],
    profiles: tuple[str, ...],
    folder: Path,
) -> Iterator[Path]:
    """Files whose lines are rows, each with its `table`; the next one replaces the one before.

    Times are UTC, numbers of more than 53 bits are texts. Raises StoreUnavailable, QueryLimit.
    """
    number = 0
    names = list(text_chunks([*devices, *profiles])) or [[]]
    for table, condition in OF_PERSON.items():
        if table in _DERIVED:
            continue
        sql: LiteralString = f"""SELECT '{table}' AS table, * FROM {table} FINAL
WHERE project_id = {{project:String}} AND ({condition})"""
        for some in chunks(nodes):
            for said in names:
                number += 1
                path = folder / f"{number}.ndjson"
                values: dict[str, Any] = {"project": project_id, "nodes": list(some)}
                store.write(
                    sql, {**values, "devices": list(said), "profiles": list(said)}, "JSONEachRow", path
                )
                yield path
                path.unlink()
