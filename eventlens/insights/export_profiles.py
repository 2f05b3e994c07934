"""Exports of people: the rows of their list, whoever was seen first coming first, page by page."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import msgspec

from eventlens.insights.export_text import TextFormat, guarded, written
from eventlens.insights.profiles_list import ProfileRow, Wanted, everybody
from eventlens.insights.question import Question
from eventlens.store.base import Store

_ROWS = 1000
_WANTED = Wanted(sort="firstSeen", order="asc")
_NAMES = tuple(field.encode_name for field in msgspec.structs.fields(ProfileRow))


def profile_pages(
    store: Store, question: Question, form: TextFormat, *, guard: bool = True
) -> Iterator[bytes]:
    """The rows as text, page by page. Each step asks the store; raises StoreUnavailable, QueryLimit."""
    return written(form, _NAMES, _pages(store, replace(question, limit=_ROWS), form, guard=guard))


def _pages(store: Store, question: Question, form: TextFormat, *, guard: bool) -> Iterator[list[bytes]]:
    for rows in everybody(store, question, _WANTED):
        yield [_csv(row, guard=guard) if form == "csv" else msgspec.json.encode(row) for row in rows]


def _csv(row: ProfileRow, *, guard: bool) -> bytes:
    line = io.StringIO()
    values = cast("dict[str, Any]", msgspec.to_builtins(row))
    csv.writer(line, lineterminator="").writerow([_cell(values[name], guard=guard) for name in _NAMES])
    return line.getvalue().encode()


def _cell(value: Any, *, guard: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value) if guard else value
    return "" if value == [] else msgspec.json.encode(value).decode()
