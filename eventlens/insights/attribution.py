"""`attribution`: which visits conversions are credited to: a person's first or last one before them.

A touch is a session of the person who converted that began within the lookback window before the conversion,
the conversion's own session among them. Each conversion is credited whole to one touch; without any, to
direct traffic.

Conversions meet touches in a sorted join that spills to disk: memory does not grow with either.
"""

from dataclasses import dataclass, replace
from typing import Literal, LiteralString, get_args

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.clock import DAY
from eventlens.errors import InvalidInput
from eventlens.insights.answers import Change, change
from eventlens.insights.dimensions import DIMENSIONS, names
from eventlens.insights.dimensions_asked import read_breakdown
from eventlens.insights.measures import OTHER
from eventlens.insights.money import Earning, earning, most_orders
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.store.base import Store

Model = Literal["first", "last", "last_non_direct"]
MODELS: tuple[Model, ...] = get_args(Model)
MAX_LOOKBACK = 365
DEFAULT_LOOKBACK = 30


class Credit(Struct, kw_only=True):
    """Conversions credited to a value, the different people among them, and what they earned.

    `share` in percent of all conversions.
    """

    conversions: int
    converters: int
    share: float
    revenue: list[Earning]


class CreditRow(Credit, kw_only=True):
    """One value (null: direct traffic, or unknown); `other`: all values without a row of their own."""

    values: list[str | None]
    other: bool
    previous: Credit | UnsetType | None = UNSET
    change: Change | UnsetType = UNSET


class Attribution(Struct, kw_only=True):
    """All conversions, and to what they are credited; most conversions first."""

    model: str
    lookback_days: int
    conversions: int
    converters: int
    revenue: list[Earning]
    rows: list[CreditRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAttribution:
    """The question's condition says what a conversion is."""

    model: Model
    dimensions: tuple[str, ...]
    lookback_days: int = DEFAULT_LOOKBACK
    limit: int = 10


def read_touch_dimensions(text: str) -> tuple[str, ...]:
    """One or two dimensions that belong to a session's beginning. Raises InvalidInput."""
    found = read_breakdown(text, "dimension")
    for name in found:
        if name not in DIMENSIONS or not DIMENSIONS[name].of_session:
            raise InvalidInput(
                f"{name[:100]!r} says not where a session came from; one or two of "
                f"{', '.join(names('referrer'))}.",
                field="dimension",
            )
    return found


def attribution(store: Store, question: Question, asked: AskedAttribution) -> Attribution:
    """What the conversions of the span are credited to."""
    question = replace(question, interval=None)
    top = _top(store, question, asked)
    now = _credits(store, question, asked, top)
    then = _credits(store, question.previous(), asked, top) if question.compared is not None else None
    whole = now.get(_WHOLE) or _nothing()
    rows: list[CreditRow] = []
    for place in (*range(1, len(top) + 1), 0):
        if place not in now and not (then and place in then):
            continue
        credit = now.get(place) or _nothing()
        values = _shown(top[place - 1] if place else None, len(asked.dimensions))
        row = CreditRow(values=values, other=place == 0, **structs.asdict(credit))
        if then is not None:
            row.previous = then.get(place)
            row.change = change(credit, row.previous)
        rows.append(row)
    return Attribution(
        model=asked.model,
        lookback_days=asked.lookback_days,
        conversions=whole.conversions,
        converters=whole.converters,
        revenue=whole.revenue,
        rows=rows,
    )


_WHOLE = -1


def _nothing() -> Credit:
    return Credit(conversions=0, converters=0, share=0.0, revenue=[])


def _shown(values: tuple[str, str] | None, count: int) -> list[str | None]:
    return [OTHER] * count if values is None else [text or None for text in values[:count]]


# --- reading ---


def _top(store: Store, question: Question, asked: AskedAttribution) -> list[tuple[str, str]]:
    plan = Plan(question)
    sql: LiteralString = f"""SELECT first, second FROM ({_credited(plan, asked)})
GROUP BY first, second
ORDER BY count() DESC, first, second
LIMIT {plan.binder.name("values", asked.limit, "UInt64")}{_SETTINGS}"""
    return [(row[0], row[1]) for row in plan.run(store, sql).rows]


def _credits(
    store: Store, question: Question, asked: AskedAttribution, top: list[tuple[str, str]]
) -> dict[int, Credit]:
    """By the value's place: 1, 2, …, 0 for all others, _WHOLE for everything."""
    plan = Plan(question)
    firsts = plan.binder.bind([first for first, _ in top], "Array(String)")
    seconds = plan.binder.bind([second for _, second in top], "Array(String)")
    sql: LiteralString = f"""SELECT place, currency, grouping(place) AS whole, grouping(currency) AS money,
  count() AS conversions, uniqExactIf(person, person != 0) AS converters,
  sum(amount) AS earned, countIf(amount > 0) AS orders, countIf(amount != 0) AS rows
FROM (
  SELECT indexOf(arrayZip({firsts}, {seconds}), (first, second)) AS place, currency, person, amount
  FROM ({_credited(plan, asked)}))
GROUP BY GROUPING SETS ((), (currency), (place), (place, currency)){_SETTINGS}"""
    found: dict[int, Credit] = {}
    earned: dict[int, list[Earning]] = {}
    for row in plan.run(store, sql).dicts():
        place = _WHOLE if row["whole"] else row["place"]
        if row["money"]:
            if row["conversions"]:
                found[place] = Credit(
                    conversions=row["conversions"], converters=row["converters"], share=0.0, revenue=[]
                )
        elif row["rows"]:
            earned.setdefault(place, []).append(earning(row["currency"], row["earned"], row["orders"]))
    for place, credit in found.items():
        credit.share = 100 * credit.conversions / found[_WHOLE].conversions
        credit.revenue = sorted(earned.get(place, []), key=most_orders)
    return found


_SETTINGS: LiteralString = "\nSETTINGS join_algorithm = 'full_sorting_merge,hash'"

_SHIFT: LiteralString = "1048576"
"""Below a time in milliseconds, what tells sessions of one instant apart."""


def _credited(plan: Plan, asked: AskedAttribution) -> LiteralString:
    """SELECT of one row a conversion: the values to which it is credited, the person, the amount."""
    back = plan.binder.name("lookback", asked.lookback_days * DAY, "Int64")
    begun: LiteralString = f"intDiv(t.moment, {_SHIFT})"
    if asked.model == "first":
        beside: LiteralString = f"greatest(c.moment - {back}, 0) * {_SHIFT} <= t.moment"
        within: LiteralString = f"{begun} <= c.moment"
    else:
        beside = f"c.moment * {_SHIFT} + {_SHIFT} - 1 >= t.moment"
        within = f"{begun} >= c.moment - {back}"
    values: list[LiteralString] = []
    for name in asked.dimensions:
        direct: LiteralString = "'direct'" if name == "referrer_type" else _NOTHING
        values.append(f"if(t.moment != 0 AND {within}, t.{DIMENSIONS[name].column}, {direct})")
    if len(values) == 1:
        values.append(_NOTHING)
    return f"""
    SELECT {values[0]} AS first, {values[1]} AS second, c.person AS person, c.currency AS currency,
      c.amount AS amount
    FROM ({_conversions(plan)}) AS c
    ASOF LEFT JOIN ({_touches(plan, asked)}) AS t
      ON c.person = t.person AND {beside}"""


_NOTHING: LiteralString = "''"


def _conversions(plan: Plan) -> LiteralString:
    return f"""
      SELECT {plan.person()} AS person, toUnixTimestamp64Milli(e.timestamp) AS moment,
        toString(e.currency) AS currency, toInt128(ifNull(e.revenue, 0)) AS amount{plan.events}"""


def _touches(plan: Plan, asked: AskedAttribution) -> LiteralString:
    """SELECT of the sessions that may be touches, of whoever converted: `moment` is unique to each."""
    earliest = plan.instant("touched", plan.question.span.start - asked.lookback_days * DAY)
    columns: list[LiteralString] = [
        f"toString(s.{DIMENSIONS[name].column}) AS {DIMENSIONS[name].column}" for name in asked.dimensions
    ]
    known: LiteralString = f"\n        AND ({_KNOWN})" if asked.model == "last_non_direct" else ""
    person = plan.person("s.visitor")
    return f"""
      SELECT {person} AS person, {", ".join(columns)},
        toUnixTimestamp64Milli(s.session_start) * {_SHIFT} + toInt64(s.session_key % {_SHIFT}) AS moment
      FROM sessions AS s FINAL{plan.join_people("s.visitor")}
      WHERE s.project_id = {plan.project} AND {plan.between("s.session_start", earliest, plan.end)}
        AND s.visitor != 0 AND {person} IN (SELECT {plan.person()}{plan.events}){known}"""


_KNOWN: LiteralString = """s.referrer_type NOT IN ('', 'direct') OR s.referrer != '' OR s.referrer_name != ''
          OR s.utm_source != '' OR s.utm_medium != '' OR s.utm_campaign != '' OR s.utm_term != ''
          OR s.utm_content != '' OR s.click_id_name != '' OR s.click_id != ''"""
"""True of sessions of which is known where they came from."""
