"""`live`: who is there now."""

from collections import defaultdict
from typing import Any, LiteralString

from msgspec import Struct

from eventlens.clock import MINUTE
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.insights.ranges import Span
from eventlens.store.base import Store

WINDOW = 5 * MINUTE
"""Somebody is there for that long after an event, in milliseconds."""
MINUTES = 30


class LivePage(Struct):
    """Visitors of a page within the window."""

    path: str | None
    origin: str | None
    visitors: int


class LiveCountry(Struct):
    """Visitors from a country within the window."""

    country: str | None
    visitors: int


class Live(Struct):
    """People with an event in the last five minutes, and in each of the last thirty, the current one last."""

    visitors: int
    pages: list[LivePage]
    countries: list[LiveCountry]
    minutes: list[int]


def live_span(now: int) -> Span:
    """The span of which `live` is asked: thirty minutes up to and including `now`."""
    return Span(now + 1 - MINUTES * MINUTE, now + 1)


def live(store: Store, question: Question) -> Live:
    """Live numbers; the question's span comes from `live_span`. At most `limit` pages and countries."""
    plan = Plan(question)
    shown = slice(question.offset, question.offset + question.limit)
    of: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for kind, *row in plan.run(store, _sql(plan)).rows:
        of[str(kind)].append(tuple(row))
    ago = {minute: people for minute, _, _, _, people in of[_BY_MINUTE]}
    return Live(
        visitors=of[_ALL][0][-1] if of[_ALL] else 0,
        pages=[LivePage(row[2] or None, row[3] or None, row[-1]) for row in of[_BY_PAGE][shown]],
        countries=[LiveCountry(row[1] or None, row[-1]) for row in of[_BY_COUNTRY][shown]],
        minutes=[ago.get(minute, 0) for minute in reversed(range(MINUTES))],
    )


_ALL: LiteralString = "7"
_BY_PAGE: LiteralString = "6"
_BY_COUNTRY: LiteralString = "5"
_BY_MINUTE: LiteralString = "3"
"""By which of minute, country and page a row is not grouped: a bit for each."""


def _sql(plan: Plan) -> LiteralString:
    """All of it in one reading: kind, minutes ago, country, path, origin, people."""
    question = plan.question
    recent: LiteralString = f"e.timestamp >= {plan.instant('recent', question.span.end - WINDOW)}"
    age: LiteralString = f"toUnixTimestamp64Milli({plan.end}) - 1 - toUnixTimestamp64Milli(e.timestamp)"
    known: LiteralString = "e.visitor != 0"
    most = plan.binder.name("most", max(question.offset + question.limit, MINUTES), "UInt64")
    return f"""SELECT grouping(ago, country, path) AS kind, intDiv({age}, 60000) AS ago, e.country AS country,
  e.path AS path, e.origin AS origin,
  multiIf(kind = {_BY_MINUTE}, uniqExactIf({plan.person()}, {known}),
    kind = {_BY_PAGE}, uniqExactIf({plan.person()}, {known} AND {recent} AND e.name = 'screen_view'),
    uniqExactIf({plan.person()}, {known} AND {recent})) AS visitors{plan.events}
GROUP BY GROUPING SETS ((), (ago), (country), (path, origin))
HAVING visitors > 0
ORDER BY kind, visitors DESC, country, path, origin
LIMIT {most} BY kind"""
