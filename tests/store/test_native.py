"""Columns of few values come out of the store as they were meant, whichever way they were sent."""

import itertools
from typing import Any

import numpy as np
import pytest

from eventlens.ingest.rows import Source
from eventlens.store.base import Repeated, StoreMistake
from eventlens.store.events import whole_rows
from eventlens.store.native import encoded, filled
from eventlens.store.tables import COLUMN_TYPES, SESSION_OF_EVENT

ROWS = 700
"""More than a dictionary with numbers of one byte has keys."""

_projects = (f"native-{number}" for number in itertools.count())


def values_of(kind: str, count: int) -> list[Any]:
    """Values of a type, all different where the type has so many; some are empty."""
    if kind.startswith("Nullable(Float32"):
        return [None if number % 3 == 0 else number / 4 for number in range(count)]
    if kind.startswith("Nullable"):
        return [None if number % 3 == 0 else -number for number in range(count)]
    if kind.startswith("Array"):
        return [[f"g{each}" for each in range(number % 4)] for number in range(count)]
    if "String" in kind:
        return ["" if number % 50 == 7 else f"é😀{'x' * (number % 300)}{number}" for number in range(count)]
    if kind == "UInt8":
        return [0] * count
    return [(1 << 63) + number if kind == "UInt64" else number for number in range(count)]


def repeated(values: list[Any]) -> Repeated:
    """The same column: every value twice, in another order than the rows'."""
    doubled = [*reversed(values), *values]
    places = [len(values) - 1 - row if row % 2 else len(values) + row for row in range(len(values))]
    return Repeated(doubled, np.array(places, np.intp))


def stored(store, table: str, columns: dict[str, Any]) -> list[dict[str, Any]]:
    project = next(_projects)
    columns["project_id"] = Repeated((project,), np.zeros(ROWS, np.intp))
    store.insert(table, columns, project)
    key = "arrival" if table == "events" else "session_key"
    timed = (
        f"toUnixTimestamp64Milli({name})" if "DateTime64" in kind else name
        for name, kind in COLUMN_TYPES[table].items()
    )
    sql: Any = f"SELECT {', '.join(timed)} FROM {table} WHERE project_id = {{project:String}} ORDER BY {key}"
    return [row | {"project_id": ""} for row in whole_rows(store, table, sql, {"project": project})]


@pytest.mark.parametrize("table", ["events", "sessions"])
def test_every_column_comes_back_however_it_was_sent(store, table):
    plain = {name: values_of(kind, ROWS) for name, kind in COLUMN_TYPES[table].items()}
    coded = {
        name: values if COLUMN_TYPES[table][name].startswith("Array") else repeated(values)
        for name, values in plain.items()
    }
    wanted = [
        dict(zip(plain, row, strict=True)) | {"project_id": ""} for row in zip(*plain.values(), strict=True)
    ]
    assert stored(store, table, dict(plain)) == wanted
    assert stored(store, table, coded) == wanted


def test_a_column_of_one_value_and_a_row_by_its_number():
    column = Repeated(("a", "b"), np.array([1, 0, 1], np.intp))
    assert (len(column), [column[row] for row in range(3)]) == (3, ["b", "a", "b"])
    same = Repeated(("x",), np.zeros(3, np.intp))
    assert encoded({"id": same}, {"id": "String"}) == encoded({"id": ["x"] * 3}, {"id": "String"})


def test_a_value_of_the_wrong_kind_is_refused_without_it(store):
    columns = {name: values_of(kind, ROWS) for name, kind in COLUMN_TYPES["events"].items()}
    columns["arrival"][3] = "jane.doe@example.org"
    with pytest.raises(StoreMistake) as refused:
        stored(store, "events", columns)
    assert "jane" not in str(refused.value)


def test_what_a_session_lends_to_its_events_is_one_object():
    assert Source._fields == SESSION_OF_EVENT


@pytest.mark.parametrize("table", ["events", "sessions"])
def test_columns_that_say_nothing_are_left_to_the_engine(store, table):
    types = COLUMN_TYPES[table]
    nothing = {"Nullable": None, "Array": (), "String": "", "LowCardinality": ""}
    columns: dict[str, Any] = {
        name: [next((empty for start, empty in nothing.items() if kind.startswith(start)), 0)] * ROWS
        for name, kind in types.items()
    }
    key = "arrival" if table == "events" else "session_key"
    columns[key] = list(range(ROWS))
    columns["version"] = Repeated((7,), np.zeros(ROWS, np.intp))
    assert set(filled(columns, types)) == {key, "version"}
    wanted = [
        dict.fromkeys(columns, None)
        | {name: list(values[0]) if values[0] == () else values[0] for name, values in columns.items()}
        | {key: number, "version": 7, "project_id": ""}
        for number in range(ROWS)
    ]
    assert stored(store, table, columns) == wanted


def test_nothing_is_not_nought():
    types = COLUMN_TYPES["events"]
    columns = {
        "revenue": [None, 0],
        "latitude": Repeated((None, 0.0), np.array([0, 1], np.intp)),
        "id": ["", ""],
    }
    assert set(filled(columns, types)) == {"revenue", "latitude"}
    nowhere = {"latitude": [None, None], "id": ["", ""]}
    assert filled(nowhere, types) == nowhere, "a block has at least one column"
