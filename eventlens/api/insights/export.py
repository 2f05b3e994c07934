"""`export/{events,sessions,profiles}.{csv,json,ndjson,parquet}`: everything that matches, as a file.

Text begins as soon as there is a first page of it, and is asked for a page at a time. An export that fails in
the middle ends without the end of its transfer, so that nobody takes it for whole.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from starlette.responses import StreamingResponse

from eventlens.api.insights.asking import insight_route, personal, question_of, values_of
from eventlens.api.route import Call, Handler, Route
from eventlens.errors import EventLensError, QueryLimit
from eventlens.insights.export import KINDS, Format, Kind, text_pages, write_parquet
from eventlens.insights.export_profiles import profile_pages
from eventlens.insights.export_text import TextFormat
from eventlens.insights.query import FILTERS, RANGE_PARAMETERS, QueryParameter, read_choice
from eventlens.insights.question import Question
from eventlens.insights.ranges import local_date
from eventlens.store.base import Store

log = logging.getLogger(__name__)

_FORMULAS = QueryParameter(
    "formulas",
    "Texts that a spreadsheet would take for a formula: with an apostrophe in front, or as they are.",
    {"type": "string", "enum": ["escape", "keep"], "default": "escape"},
)
_PARAMETERS = (*RANGE_PARAMETERS, FILTERS)
_MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_WORDS: dict[Format, str] = {
    "csv": "CSV (RFC 4180, with a header)",
    "json": "one JSON array",
    "ndjson": "JSON, a row on each line",
    "parquet": "Parquet",
}
_CHUNK = 1 << 18

AT_ONCE = 4
"""Exports under way in a process; each has one page in memory."""
FILES_AT_ONCE = 1
"""Of which so many have the engine write a whole file."""


class Places:
    """Exports are not questions: they last, so they have places of their own and never wait for one."""

    def __init__(self, count: int) -> None:
        self._free = count

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Take a place for the block. Raises QueryLimit at once where there is none."""
        if self._free == 0:
            error = QueryLimit("Too many exports are under way; ask again.")
            error.retry_after = 10.0
            raise error
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


EXPORTS, FILES = Places(AT_ONCE), Places(FILES_AT_ONCE)
"""Of this process, whose memory and cores they share."""


Build = Callable[[Store, Question, bool], AsyncGenerator[bytes]]
"""The body of an export; the flag says whether formulas are escaped."""


def _handler(kind: str, form: Format, build: Build) -> Handler:
    parameters = _parameters(form)

    async def handler(call: Call) -> StreamingResponse:
        values = values_of(call, parameters)
        guard = form == "csv" and read_choice(values, _FORMULAS) == "escape"
        question = await asyncio.to_thread(question_of, call, values)
        body = build(call.services.store, question, guard)
        first = await anext(body, b"")  # what fails at once gets a status of its own
        return StreamingResponse(
            _joined(first, body),
            media_type=_MEDIA[form],
            headers={"content-disposition": f'attachment; filename="{_name(question, kind, form)}"'},
        )

    return handler


def _rows(kind: Kind, form: TextFormat) -> Build:
    return lambda store, question, guard: _text(text_pages(store, question, kind, form, guard=guard))


def _people(form: TextFormat) -> Build:
    return lambda store, question, guard: _text(profile_pages(store, question, form, guard=guard))


def _parquet(kind: Kind) -> Build:
    return lambda store, question, _: _file(store, question, kind)


def _parameters(form: Format) -> tuple[QueryParameter, ...]:
    return (*_PARAMETERS, _FORMULAS) if form == "csv" else _PARAMETERS


def _name(question: Question, kind: str, form: Format) -> str:
    first = local_date(question.span.start, question.zone)
    last = local_date(question.span.end - 1, question.zone)
    return f"{kind}-{first}-{last}.{form}"


async def _text(pages: Iterator[bytes]) -> AsyncGenerator[bytes]:
    async with EXPORTS.place():
        # What comes before the rows says nothing about whether there will be any.
        yield b"".join(await asyncio.to_thread(lambda: list(islice(pages, 2))))
        while chunk := await asyncio.to_thread(next, pages, b""):
            yield chunk


async def _file(store: Store, question: Question, kind: Kind) -> AsyncGenerator[bytes]:
    async with EXPORTS.place(), FILES.place():
        with tempfile.TemporaryDirectory(prefix="eventlens-export-") as directory:
            path = Path(directory) / "rows.parquet"
            await asyncio.to_thread(write_parquet, store, question, kind, path)
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk


async def _joined(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        try:
            async for chunk in rest:
                yield chunk
        except EventLensError as error:
            log.warning("an export stopped in the middle: %s", error)
            raise


def _route(kind: str, form: Format, build: Build) -> Route:
    return insight_route(
        f"export/{kind}.{form}",
        f"All {kind} as {_WORDS[form]}",
        _handler(kind, form, build),
        _parameters(form),
        answer=list[dict[str, Any]] if form == "json" else str,
        media=_MEDIA[form],
    )


_TEXTS: tuple[TextFormat, ...] = get_args(TextFormat)

ROUTES: tuple[Route, ...] = personal(
    *(_route(kind, form, _rows(kind, form)) for kind in KINDS for form in _TEXTS),
    *(_route(kind, "parquet", _parquet(kind)) for kind in KINDS),
    *(_route("profiles", form, _people(form)) for form in _TEXTS),
)
