"""`funnel`: how many get from one step to the next, within which time; by value, over time."""

from dataclasses import replace
from typing import Any, LiteralString

from msgspec import UNSET, Struct, UnsetType, structs

from eventlens.insights.aligning import aligned
from eventlens.insights.answers import Change, change, relative
from eventlens.insights.filters import Condition, Group
from eventlens.insights.funnels_asked import Funnel
from eventlens.insights.funnels_sql import Attempts, Parts
from eventlens.insights.measures import Reading, Split, also, split_of, top_values
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question
from eventlens.store.base import Store

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
BAR_SECONDS = (
    0, 1, 5, 10, 30, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR,
    12 * _HOUR, _DAY, 2 * _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY,
)  # fmt: skip  # one line of time
"""Where the bars of the histogram begin; the last one has no end."""


class FunnelStep(Struct, kw_only=True):
    """`count`: who reached the step. Rates in percent: of those of step 1, of those of the step before.

    `dropped`: who reached the step before and not this one. The median is null where nobody came here.
    """

    name: str | None
    count: int
    conversion_rate: float
    step_conversion_rate: float
    dropped: int
    median_seconds_from_previous: float | None


class Bar(Struct, rename={"from_seconds": "from", "to_seconds": "to"}):
    """How many took at least `from` and less than `to` seconds (null: any longer time)."""

    from_seconds: int
    to_seconds: int | None
    count: int


class TimeToConvert(Struct):
    """From step 1 to the last step, of all who reached it; the bars lie side by side."""

    median_seconds: float | None
    histogram: list[Bar]


class Numbers(Struct, kw_only=True):
    """What is said of everybody, and of those of one value. The rate in percent."""

    steps: list[FunnelStep]
    overall_conversion_rate: float
    time_to_convert: TimeToConvert


class FunnelChange(Struct, kw_only=True):
    """(now - previous) / previous of each step and of the rate; null where previous is 0 or missing."""

    steps: list[Change]
    overall_conversion_rate: float | None


class ComparedNumbers(Numbers, kw_only=True):
    """With `compare`, the same in the other span; null where nobody began there."""

    previous: Numbers | UnsetType | None = UNSET
    change: FunnelChange | UnsetType = UNSET


class FunnelRow(ComparedNumbers, kw_only=True):
    """One value of the breakdown, null: unknown. `other`: all values without a row of their own."""

    value: Any
    other: bool = False


class Point(Struct, kw_only=True):
    """Attempts that started in one bucket: who reached each step, whenever that was. The rate in percent."""

    date: str
    counts: list[int]
    conversion_rate: float


class PointChange(Struct, kw_only=True):
    """(now - previous) / previous, null where previous is 0 or missing."""

    counts: list[float | None]
    conversion_rate: float | None


class FunnelPoint(Point, kw_only=True):
    """With `compare`, the bucket of the other span that belongs beside this one; null where there is none."""

    previous: Point | UnsetType | None = UNSET
    change: PointChange | UnsetType = UNSET


class FunnelAnswer(ComparedNumbers, kw_only=True):
    """With `breakdown` and `trend` what was asked for beside the whole."""

    breakdown: list[FunnelRow] | UnsetType = UNSET
    trend: list[FunnelPoint] | UnsetType = UNSET


def funnel(store: Store, question: Question, asked: Funnel) -> FunnelAnswer:
    """The funnel of a question: zeros where there are no events."""
    answer = FunnelAnswer(**structs.asdict(_numbers(store, question, asked)))
    if question.compared is not None:
        _compare(answer, _numbers(store, question.previous(), asked))
    if asked.breakdown is not None:
        answer.breakdown = _rows(store, question, asked, asked.breakdown)
    if asked.trend is not None:
        answer.trend = _trend(store, replace(question, interval=asked.trend), asked)
    return answer


def _compare(now: ComparedNumbers, then: Numbers | None) -> None:
    steps = then.steps if then is not None else [None] * len(now.steps)
    now.previous = then
    now.change = FunnelChange(
        steps=[change(step, other) for step, other in zip(now.steps, steps, strict=True)],
        overall_conversion_rate=relative(
            now.overall_conversion_rate, then.overall_conversion_rate if then is not None else None
        ),
    )


# --- the whole ---


def _numbers(store: Store, question: Question, asked: Funnel) -> Numbers:
    plan = Plan(question)
    rows = plan.run(store, _summary_sql(plan, asked)).dicts()
    return Numbers(**_said(asked, rows[0] if rows else {}))


def _summary_sql(
    plan: Plan, asked: Funnel, parts: Parts = "whole", split: Split | None = None
) -> LiteralString:
    """Counts and medians of each step, the times of those who converted; by part where there are parts."""
    part: LiteralString = "" if parts == "whole" else "part, "
    group: LiteralString = "" if parts == "whole" else "\nGROUP BY part"
    medians: LiteralString = ""
    if len(asked.steps) > 1:
        edges = plan.binder.name("edges", [1000 * edge for edge in BAR_SECONDS], "Array(Int64)")
        last = plan.binder.name("last", len(asked.steps), "UInt8")
        medians = f""",
  quantileExactInclusiveIf(0.5)(at[-1] - at[1], level = {last}) AS median,
  sumMapIf([roundDown(at[-1] - at[1], {edges})], [toUInt64(1)], level = {last}) AS bars"""
        gaps: list[LiteralString] = [_gap_sql(plan, at) for at in range(2, len(asked.steps) + 1)]
        medians = f",\n  [{', '.join(gaps)}] AS medians{medians}"
    return f"""SELECT {part}{_counts_sql(plan, asked)} AS counts{medians}
FROM (
{Attempts(plan, asked, parts, split).sql()}){group}"""


def _counts_sql(plan: Plan, asked: Funnel) -> LiteralString:
    """How many reached each step."""
    reached: list[LiteralString] = [
        f"countIf(level >= {plan.binder.bind(step, 'UInt8')})" for step in range(1, len(asked.steps) + 1)
    ]
    return f"[{', '.join(reached)}]"


def _gap_sql(plan: Plan, step: int) -> LiteralString:
    """Median of the milliseconds from the step before, of those who reached the step."""
    place = plan.binder.bind(step, "UInt8")
    return f"quantileExactInclusiveIf(0.5)(at[{place}] - at[{place} - 1], level >= {place})"


def _said(asked: Funnel, row: dict[str, Any]) -> dict[str, Any]:
    """The fields of `Numbers` from a row of the summary; zeros where there is none."""
    counts = list(row.get("counts", ())) or [0] * len(asked.steps)
    medians = [None, *(row.get("medians") or [None] * (len(counts) - 1))]
    before = [counts[0], *counts]
    return {
        "steps": [
            FunnelStep(
                name=step.name,
                count=count,
                conversion_rate=_percent(count, counts[0]),
                step_conversion_rate=_percent(count, previous),
                dropped=previous - count,
                median_seconds_from_previous=_seconds(median) if count else None,
            )
            for step, count, previous, median in zip(asked.steps, counts, before, medians, strict=False)
        ],
        "overall_conversion_rate": _percent(counts[-1], counts[0]),
        "time_to_convert": TimeToConvert(
            _seconds(row.get("median")) if counts[-1] else None,
            _bars(*row.get("bars", ((), ()))),
        ),
    }


def _percent(count: int, of: int) -> float:
    return 100 * count / of if of else 0.0


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _bars(edges: Any, counts: Any) -> list[Bar]:
    """The bars from the first to the last one in which somebody is."""
    found = dict(zip((edge // 1000 for edge in edges), counts, strict=True))
    if not found:
        return []
    ends = (*BAR_SECONDS[1:], None)
    return [
        Bar(start, end, found.get(start, 0))
        for start, end in zip(BAR_SECONDS, ends, strict=True)
        if min(found) <= start <= max(found)
    ]


# --- by value, over time ---


def _rows(store: Store, question: Question, asked: Funnel, dimension: str) -> list[FunnelRow]:
    """The values that most begin with, each with its own numbers; then all others as one."""
    split = _split(store, question, asked, dimension)
    now = _by_place(store, question, asked, split)
    then = _by_place(store, question.previous(), asked, split) if question.compared is not None else None
    rows: list[FunnelRow] = []
    for place in split.places:
        if place not in now and not (then and place in then):
            continue
        row = FunnelRow(value=split.shown(place)[0], other=place == 0, **_said(asked, now.get(place, {})))
        if then is not None:
            _compare(row, Numbers(**_said(asked, then[place])) if place in then else None)
        rows.append(row)
    return sorted(rows, key=lambda row: (row.other, -row.steps[0].count))


def _by_place(store: Store, question: Question, asked: Funnel, split: Split) -> dict[int, dict[str, Any]]:
    plan = Plan(question)
    parts: Parts = "by value" if asked.attribution == "every_step" else "by first value"
    return {row["part"]: row for row in plan.run(store, _summary_sql(plan, asked, parts, split)).dicts()}


def _split(store: Store, question: Question, asked: Funnel, dimension: str) -> Split:
    """The values with which most begin."""
    starts = asked.steps if asked.order == "any" else asked.steps[:1]
    begun: Condition | None = None
    conditions = [step.condition for step in starts if step.condition is not None]
    if len(conditions) == len(starts):
        begun = Group(every=False, parts=tuple(conditions))
    reading = Reading(columns=lambda plan: [("who", _different(plan, asked))])
    begin = also(question, begun)
    return split_of(store, begin, (dimension,), top_values(store, begin, (dimension,), asked.limit, reading))


def _different(plan: Plan, asked: Funnel) -> LiteralString:
    if asked.by == "group":
        return "uniqExactArray(e.groups)"
    if asked.by == "session":
        return f"uniqExactIf({plan.session_id('e')}, e.session_key != 0)"
    return f"uniqExactIf({plan.person()}, e.visitor != 0)"


def _trend(store: Store, question: Question, asked: Funnel) -> list[FunnelPoint]:
    points = [FunnelPoint(**structs.asdict(point)) for point in _points(store, question, asked)]
    if question.compared is not None:
        earlier = aligned(question, _points(store, question.previous(), asked))
        for now, then in zip(points, earlier, strict=True):
            now.previous = then
            now.change = _change_of_point(now, then)
    return points


def _change_of_point(now: Point, then: Point | None) -> PointChange:
    counts = then.counts if then is not None else [None] * len(now.counts)
    return PointChange(
        counts=[relative(count, other) for count, other in zip(now.counts, counts, strict=True)],
        conversion_rate=relative(now.conversion_rate, then.conversion_rate if then is not None else None),
    )


def _points(store: Store, question: Question, asked: Funnel) -> list[Point]:
    """Each bucket as if it were asked for alone: who starts in several of them is in each."""
    plan = Plan(question)
    rows = plan.run(
        store,
        f"""SELECT part, {_counts_sql(plan, asked)} AS counts
FROM (
{Attempts(plan, asked, "by start").sql()})
GROUP BY part""",
    ).rows
    found = {part: list(counts) for part, counts in rows}
    points: list[Point] = []
    for bucket in question.buckets():
        counts = found.get(bucket.start, [0] * len(asked.steps))
        points.append(Point(date=bucket.date, counts=counts, conversion_rate=_percent(counts[-1], counts[0])))
    return points
