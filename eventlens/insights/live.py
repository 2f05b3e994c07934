"""`live`: who is there now."""

from typing import LiteralString

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
    recent: LiteralString = f"\n  AND e.timestamp >= {plan.instant('recent', question.span.end - WINDOW)}"
    people: LiteralString = f"{plan.people()} AS visitors{plan.events}"
    total = plan.run(store, f"SELECT {people}{recent}").rows
    pages = plan.run(
        store,
        f"""SELECT e.path AS path, e.origin AS origin, {people}{recent} AND e.name = 'screen_view'
GROUP BY path, origin
HAVING visitors > 0
ORDER BY visitors DESC, path, origin
{plan.page()}""",
    ).rows
    countries = plan.run(
        store,
        f"""SELECT e.country AS country, {people}{recent}
GROUP BY country
HAVING visitors > 0
ORDER BY visitors DESC, country
{plan.page()}""",
    ).rows
    age: LiteralString = f"toUnixTimestamp64Milli({plan.end}) - 1 - toUnixTimestamp64Milli(e.timestamp)"
    ago = dict(plan.run(store, f"SELECT intDiv({age}, 60000) AS ago, {people}\nGROUP BY ago").rows)
    return Live(
        visitors=total[0][0],
        pages=[LivePage(path or None, origin or None, visitors) for path, origin, visitors in pages],
        countries=[LiveCountry(country or None, visitors) for country, visitors in countries],
        minutes=[ago.get(minute, 0) for minute in reversed(range(MINUTES))],
    )
