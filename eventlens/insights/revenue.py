"""`revenue`: what was earned, currency by currency; amounts in minor units of the currency (cents)."""

from typing import Any, LiteralString

from msgspec import UNSET, Struct, UnsetType

from eventlens.insights.aligning import aligned
from eventlens.insights.answers import Change, change
from eventlens.insights.measures import (
    WHOLE,
    Cells,
    Reading,
    Split,
    measure,
    split_of,
    top_values,
)
from eventlens.insights.money import EARNING, digits, most_orders
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.store.base import Store


class Earned(Struct, kw_only=True):
    """Revenue in one currency, in its minor units.

    `amount` = orders − refunds; `average_order` is over the positive amounts alone, null without any;
    `revenue_per_visitor` is `amount` over all visitors of the same span and value, null without any.
    """

    amount: int = 0
    orders: int = 0
    ordered: int = 0
    refunds: int = 0
    refunded: int = 0
    average_order: float | None = None
    paying_visitors: int = 0
    revenue_per_visitor: float | None = None


class EarnedThen(Earned, kw_only=True):
    """With `compare`, the same in the other span, null where nothing was earned in this currency."""

    previous: Earned | UnsetType | None = UNSET
    change: Change | UnsetType = UNSET


class EarnedBucket(EarnedThen, kw_only=True):
    """One bucket of a time series."""

    date: str


class EarnedValue(EarnedThen, kw_only=True):
    """One value of a breakdown; `other`: all values without a row of their own."""

    values: list[Any]
    other: bool = False


class CurrencyRevenue(EarnedThen, kw_only=True):
    """One currency (null: events that name none) and how many decimals its amounts have."""

    currency: str | None
    digits: int | None
    series: list[EarnedBucket] | UnsetType = UNSET
    rows: list[EarnedValue] | UnsetType = UNSET


class Revenues(Struct, kw_only=True):
    """Currencies, those with most orders first. Amounts of different currencies are never added up."""

    visitors: int
    currencies: list[CurrencyRevenue]


def revenue(store: Store, question: Question, dimensions: tuple[str, ...], limit: int) -> Revenues:
    """Revenue of the span; by bucket where the question has an interval, by value where dimensions are named.

    Raises InvalidInput: too many buckets.
    """
    split = _split(store, question, dimensions, limit) if dimensions else None
    now = _Side(store, question, split)
    then = _Side(store, question.previous(), split) if question.compared is not None else None
    currencies = sorted(now.earned.every_key() + (then.earned.every_key() if then else []))
    rows = [_currency(currency, now, then) for currency in dict.fromkeys(currencies)]
    rows.sort(key=most_orders)
    return Revenues(visitors=now.visitors_at(), currencies=rows)


def _split(store: Store, question: Question, dimensions: tuple[str, ...], limit: int) -> Split:
    """The values that earned most in the currency of most orders: no other money can be compared with it."""
    orders = Reading(columns=lambda _: [("orders", "countIf(e.revenue > 0)")], where=EARNING)
    main = top_values(store, question, ("currency",), 1, orders)
    currency = main[0][0][0] if main else ""

    def sizes(plan: Plan) -> list[tuple[LiteralString, LiteralString]]:
        is_main: LiteralString = f"e.currency = {plan.binder.bind(currency, 'String')}"
        return [("amount", f"sumIf(toInt128(ifNull(e.revenue, 0)), {is_main})"), ("rows", "count()")]

    found = top_values(store, question, dimensions, limit, Reading(columns=sizes, where=EARNING))
    return split_of(store, question, dimensions, found)


def earned_columns(plan: Plan) -> list[tuple[LiteralString, LiteralString]]:
    """The aggregates of which `Earned` is made, over events whose revenue is not 0."""
    return [
        ("orders", "countIf(e.revenue > 0)"),
        ("ordered", "sum(toInt128(greatest(ifNull(e.revenue, 0), 0)))"),
        ("refunds", "countIf(e.revenue < 0)"),
        ("refunded", "-sum(toInt128(least(ifNull(e.revenue, 0), 0)))"),
        ("paying_visitors", f"uniqExactIf({plan.person()}, e.visitor != 0 AND e.revenue > 0)"),
    ]


EARNED = Reading(columns=earned_columns, key="toString(e.currency)", where=EARNING)


def _visitors(plan: Plan) -> list[tuple[LiteralString, LiteralString]]:
    return [("unique_visitors", plan.people())]


class _Side:
    """One span: what was earned, and how many visitors there were."""

    def __init__(self, store: Store, question: Question, split: Split | None) -> None:
        self.question = question
        self.split = split
        self.earned: Cells = measure(store, question, EARNED, split)
        self._visitors: Cells = measure(store, question, Reading(columns=_visitors), split)

    def visitors_at(self, place: int = WHOLE, bucket: int = WHOLE) -> int:
        return self._visitors.at(place, bucket).get("unique_visitors", 0)

    def at(self, currency: str, place: int = WHOLE, bucket: int = WHOLE) -> dict[str, Any] | None:
        """The fields of `Earned`; None where nothing was earned."""
        found = self.earned.at(place, bucket, currency)
        return earned_fields(found, self.visitors_at(place, bucket)) if found else None


def earned_fields(found: dict[str, Any], visitors: int) -> dict[str, Any]:
    """The fields of `Earned` from the aggregates."""
    amount = found["ordered"] - found["refunded"]
    return {
        **found,
        "amount": amount,
        "average_order": found["ordered"] / found["orders"] if found["orders"] else None,
        "revenue_per_visitor": amount / visitors if visitors else None,
    }


def _fields(side: _Side, currency: str, place: int = WHOLE, bucket: int = WHOLE) -> dict[str, Any]:
    """As `_Side.at`, zeros where nothing was earned."""
    found = side.at(currency, place, bucket)
    if found is not None:
        return found
    return {"revenue_per_visitor": 0.0 if side.visitors_at(place, bucket) else None}


def _compare(row: EarnedThen, then: dict[str, Any] | None) -> None:
    row.previous = None if then is None else Earned(**then)
    now = Earned(**{name: getattr(row, name) for name in Earned.__struct_fields__})
    row.change = change(now, row.previous)


def _currency(currency: str, now: _Side, then: _Side | None) -> CurrencyRevenue:
    row = CurrencyRevenue(currency=currency or None, digits=digits(currency), **_fields(now, currency))
    if then is not None:
        _compare(row, then.at(currency))
    if now.question.interval is not None:
        row.series = _series(currency, now, then)
    if now.split is not None:
        row.rows = _rows(currency, now, then, now.split)
    return row


def _series(currency: str, now: _Side, then: _Side | None) -> list[EarnedBucket]:
    series = [
        EarnedBucket(date=bucket.date, **_fields(now, currency, bucket=bucket.start))
        for bucket in now.question.buckets()
    ]
    if then is not None:
        others = [_fields(then, currency, bucket=bucket.start) for bucket in then.question.buckets()]
        for row, earlier in zip(series, aligned(now.question, others), strict=True):
            _compare(row, earlier)
    return series


def _rows(currency: str, now: _Side, then: _Side | None, split: Split) -> list[EarnedValue]:
    rows: list[EarnedValue] = []
    for place in split.places:
        found = now.at(currency, place)
        earlier = then.at(currency, place) if then is not None else None
        if found is None and earlier is None:
            continue
        row = EarnedValue(values=split.shown(place), other=place == 0, **_fields(now, currency, place))
        if then is not None:
            _compare(row, earlier)
        rows.append(row)
    return sorted(rows, key=lambda row: (row.other, -row.amount))
