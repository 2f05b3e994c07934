"""Rows in ClickHouse's Native format, for the tables that every event is written to.

The client library writes every value of every column anew. Of an event most values are those of a thousand
others (browser, page, place, campaign): such columns come as `Repeated`, each value is encoded once, and
where the column is LowCardinality its dictionary is sent as it is.

The format: how many columns and rows; of each column its name, its type and its values. Numbers are
little-endian; a text has its length before it, as a varint.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np

from eventlens.store.base import Columns, Repeated

_FIXED = {
    "DateTime('UTC')": "I",
    "DateTime64(3, 'UTC')": "q",
    "Float32": "f",
    "Int64": "q",
    "UInt8": "B",
    "UInt16": "H",
    "UInt32": "I",
    "UInt64": "Q",
}
"""Types of numbers and how Python calls them."""

_LOW = "LowCardinality(String)"
_DICTIONARY_VERSION = (1).to_bytes(8, "little")
_NEW_KEYS = 0x600
"""The block brings all keys that it uses along."""
_KEY_NUMBERS = ("u1", "u2", "u4")
"""How keys are numbered: with the fewest bytes. The place in here is the number on the wire."""


def filled(columns: Columns, types: Mapping[str, str]) -> Columns:
    """Without columns that say nothing in any row: the engine fills those in by itself."""
    kept = {name: values for name, values in columns.items() if _says_something(values, types[name])}
    return kept or columns


def _says_something(column: Sequence[Any] | Repeated, kind: str) -> bool:
    values = column.values if isinstance(column, Repeated) else column
    if kind.startswith("Nullable("):
        return any(value is not None for value in values)
    return kind.startswith(("Enum8(", "SimpleAggregateFunction(")) or any(values)


def encoded(columns: Columns, types: Mapping[str, str]) -> bytes:
    """One block. Raises KeyError for a type that is not written here, and whatever a wrong value leads to."""
    rows = len(next(iter(columns.values())))
    parts = [_varint(len(columns)), _varint(rows)]
    for name, values in columns.items():
        kind = _sent_as(types[name])
        parts += (_text(name), _text(kind))
        if kind == _LOW:
            parts += _dictionary(values)
        elif isinstance(values, Repeated):
            parts += _repeated(values, kind)
        else:
            parts += _plain(values, kind)
    return b"".join(parts)


def _sent_as(kind: str) -> str:
    """The type that a column is sent as: the engine turns names into enumerated values itself."""
    if kind.startswith("Enum8("):
        return "String"
    return kind.partition(", ")[2][:-1] if kind.startswith("SimpleAggregateFunction(") else kind


def _plain(values: Sequence[Any], kind: str) -> Iterable[bytes]:
    if kind == "String":
        return _texts(values)
    if kind == "Array(String)":
        ends = array("Q", accumulate(map(len, values))).tobytes()
        return ends, *_each_text(chain.from_iterable(values))
    return _numbers(values, kind)


def _numbers(values: Sequence[Any], kind: str) -> tuple[bytes, ...]:
    inner = kind.removeprefix("Nullable(")
    if inner == kind:
        return (array(_FIXED[kind], values).tobytes(),)
    missing = bytes(value is None for value in values)
    filled = [0 if value is None else value for value in values] if any(missing) else values
    return missing, array(_FIXED[inner.removesuffix(")")], filled).tobytes()


def _texts(values: Sequence[str | bytes]) -> Iterable[bytes]:
    distinct = dict.fromkeys(values)
    texts = _each_text(distinct)
    if len(distinct) == len(values):
        return texts
    return map(dict(zip(distinct, texts, strict=True)).__getitem__, values)


def _each_text(values: Iterable[str | bytes]) -> list[bytes]:
    """`_text` of each; that would be a call a row."""
    raws = [value if isinstance(value, bytes) else value.encode() for value in values]
    sizes = list(map(len, raws))
    if sizes and max(sizes) >= len(_SHORT):
        return list(map(_text, raws))
    return [_SHORT[size] + raw for size, raw in zip(sizes, raws, strict=True)]


def _repeated(column: Repeated, kind: str) -> Iterable[bytes]:
    if kind == "String":
        texts = _each_text(column.values)
        return [texts[0] * len(column)] if len(texts) == 1 else map(texts.__getitem__, column.places.tolist())
    found = _numbers(column.values, kind)
    return [
        np.frombuffer(raw, f"V{len(raw) // len(column.values)}")[column.places].tobytes() for raw in found
    ]


def _dictionary(column: Sequence[str] | Repeated) -> Iterable[bytes]:
    """A LowCardinality column: its keys, and for each row the number of its key."""
    values = column.values if isinstance(column, Repeated) else column
    keys = {key: number for number, key in enumerate(dict.fromkeys(values))}
    kind = (len(keys) > 1 << 8) + (len(keys) > 1 << 16)
    numbers = np.fromiter(map(keys.__getitem__, values), _KEY_NUMBERS[kind], len(values))
    if isinstance(column, Repeated):
        numbers = numbers[column.places]
    head = (_NEW_KEYS | kind, len(keys))
    yield _DICTIONARY_VERSION + b"".join(number.to_bytes(8, "little") for number in head)
    yield from _each_text(keys)
    yield len(numbers).to_bytes(8, "little") + numbers.tobytes()


def _text(value: str | bytes) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    size = len(raw)
    return (_SHORT[size] if size < len(_SHORT) else _varint(size)) + raw


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:  # seven bits a byte, the lowest first
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


_SHORT = [_varint(size) for size in range(1 << 12)]
