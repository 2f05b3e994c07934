"""SQL of paths: each session's steps as an array of hashes, cut at the anchors, then links counted by step.

Steps are numbered from 1, where paths are led to an end point from 0, the end, backwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, LiteralString, get_args

from eventlens.insights.filters import of_session
from eventlens.insights.plan import Plan
from eventlens.insights.question import Question

Mode = Literal["pages", "events"]
MODES: tuple[Mode, ...] = get_args(Mode)

MAX_SESSION = 10_000
"""Steps of a session, repeats included; a session with more is a robot's and left out."""
OTHER, MORE, NONE = 0, -1, -2
"""Places of steps that are not among the largest, of what lies between, and of what follows the last step."""

_STEP: dict[Mode, LiteralString] = {"pages": "e.path", "events": "e.name"}
_STEPS_OF_SESSION: dict[Mode, LiteralString] = {"pages": "s.screen_views", "events": "s.events"}
_IS_STEP: dict[Mode, LiteralString | None] = {"pages": "e.name = 'screen_view'", "events": None}
_PLACES: dict[int, LiteralString] = {OTHER: "toInt16(0)", MORE: "toInt16(-1)", NONE: "toInt16(-2)"}
_COMMA: LiteralString = ", "
_AND: LiteralString = " AND "
_SPREAD = 0x9E3779B97F4A7C15
"""Odd and irregular: what a step's number is multiplied with to tell the same name at two steps apart."""

Place = tuple[int, int]
"""A step's number and a name's hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`mode` says what a step is; the anchors are names of steps, `depth` is how many steps are shown."""

    mode: Mode = "pages"
    start: str | None = None
    end: str | None = None
    depth: int = 5

    @property
    def backwards(self) -> bool:
        return self.start is None and self.end is not None


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the sessions: those of a question's span, of which share `share` of `shares`.

    `until` (milliseconds): none of their events is later.
    """

    question: Question
    until: int
    share: int = 0
    shares: int = 1


def sizes_sql(plan: Plan, shape: Shape) -> LiteralString:
    """Rows (days since 1970, events, time of the latest, sessions left out) of sessions by their start."""
    robot = plan.binder.name("robot", MAX_SESSION, "UInt32")
    return f"""SELECT toUInt32(toDate(s.session_start)) AS day, sum(s.events) AS events,
  toUnixTimestamp64Milli(max(s.session_end)) AS until,
  countIf({_STEPS_OF_SESSION[shape.mode]} > {robot}) AS robots
FROM sessions AS s FINAL
WHERE {plan.starting}
GROUP BY day
ORDER BY day"""


def largest_sql(plan: Plan, part: Part, shape: Shape, most: int) -> LiteralString:
    """Rows (step, name's hash, sessions): of each step the names with most sessions."""
    return f"""SELECT step, name, count() AS sessions
FROM {_paths(plan, part, shape)}
ARRAY JOIN names AS name, {_numbers(shape)} AS step
GROUP BY step, name
ORDER BY step, sessions DESC, name
LIMIT {plan.binder.name("most", most, "UInt64")} BY step"""


def links_sql(plan: Plan, part: Part, shape: Shape, places: Mapping[Place, int]) -> LiteralString:
    """Rows (step, place, next step's place, sessions, of these began there, of these ended there)."""
    binder = plan.binder
    keys = [name ^ (step * _SPREAD % (1 << 64)) for step, name in places]
    known = binder.name("keys", keys, "Array(UInt64)")
    numbers = binder.name("places", list(places.values()), "Array(Int16)")
    key: LiteralString = f"bitXor(name, toUInt64(step) * {binder.name('spread', _SPREAD, 'UInt64')})"
    other, more, none = _PLACES[OTHER], _PLACES[MORE], _PLACES[NONE]
    return f"""SELECT step, place, following, count() AS sessions,
  countIf(began AND number = 1) AS entered, countIf(ended AND following = {none}) AS dropped
FROM (
SELECT began, ended, {_numbers(shape)} AS numbers,
  arrayMap((name, step) -> if(name = 0, {more}, transform({key}, {known}, {numbers}, {other})),
    names, numbers) AS places
FROM {_paths(plan, part, shape)})
ARRAY JOIN numbers AS step, places AS place, arrayEnumerate(places) AS number,
  arrayPushBack(arrayPopFront(places), {none}) AS following
GROUP BY step, place, following"""


def names_sql(plan: Plan, part: Part, shape: Shape, hashes: list[int]) -> LiteralString:
    """Rows (hash, name)."""
    name: LiteralString = _STEP[shape.mode]
    wanted = plan.binder.any_of(f"cityHash64({name})", hashes, "UInt64")
    only = _IS_STEP[shape.mode]
    return f"""SELECT cityHash64({name}) AS hash, any({name}) AS name
FROM events AS e
PREWHERE {wanted}
WHERE {_inside(plan, part)}{f" AND {only}" if only is not None else ""}
GROUP BY hash"""


def _numbers(shape: Shape) -> LiteralString:
    """The numbers of the steps `names`."""
    if shape.backwards:
        return "arrayMap(each -> toUInt32(length(names) - each), arrayEnumerate(names))"
    return "arrayEnumerate(names)"


# --- what is shown of a session ---


def _paths(plan: Plan, part: Part, shape: Shape) -> LiteralString:
    """A row of each session: the `names` that are shown, and whether it `began` and `ended` with them."""
    depth = plan.binder.name("depth", shape.depth, "UInt32")
    if shape.backwards:
        low, high = f"greatest(1, toInt64(last) - {depth} + 1)", "last"
        names: LiteralString = "arraySlice(walk, low, high - low + 1)"
    elif shape.end is not None:
        low, high = "first", "last"
        names = f"""if(last - first < {depth}, arraySlice(walk, first, last - first + 1),
  arrayConcat(arraySlice(walk, first, {depth} - 2), [toUInt64(0)], arraySlice(walk, last, 1)))"""
    else:
        low, high = "first", f"least(last, first + {depth} - 1)"
        names = "arraySlice(walk, low, high - low + 1)"
    return f"""(
SELECT {low} AS low, {high} AS high, {names} AS names, low = 1 AS began, high = length(walk) AS ended
FROM {_cut(plan, part, shape)})"""


def _cut(plan: Plan, part: Part, shape: Shape) -> LiteralString:
    """Sessions that have the anchors: their `walk` and the places in it of the `first` and `last` step."""
    walks = _walks(plan, part, shape)
    first: LiteralString = "1"
    if shape.start is not None:
        first = f"indexOf(walk, cityHash64({plan.binder.name('from', shape.start, 'String')}))"
    last: LiteralString = "length(walk)"
    if shape.end is not None:
        # Somewhere after the first step, where that is an anchor.
        beyond: LiteralString = "arraySlice(walk, first + 1)" if shape.start is not None else "walk"
        before: LiteralString = "first" if shape.start is not None else "0"
        found: LiteralString = f"indexOf({beyond}, cityHash64({plan.binder.name('to', shape.end, 'String')}))"
        last = f"if({found} = 0, 0, {before} + {found})"
    return f"""(
SELECT walk, {first} AS first, {last} AS last FROM {walks}
WHERE first > 0 AND last > 0)"""


def _walks(plan: Plan, part: Part, shape: Shape) -> LiteralString:
    """The steps of each matching session in order, none after its like."""
    most = plan.binder.name("robot", MAX_SESSION, "UInt64")
    only, condition = _IS_STEP[shape.mode], plan.question.condition
    name: LiteralString = f"cityHash64({_STEP[shape.mode]})"
    order: LiteralString = plan.order("e.timestamp", "e.arrival")
    early: list[LiteralString] = []
    having: list[LiteralString] = [f"count() BETWEEN 1 AND {most}"]
    where: LiteralString = ""
    chosen: LiteralString = ""
    if condition is not None and of_session(condition):
        where = f"\n  AND {plan.matches}"
    elif condition is not None:
        # A session is measured whole: any of its events may be the one that matches.
        having.append(f"max({plan.matches})")
        if only is not None:
            chosen = "If"
            having[0] = f"countIf({only}) BETWEEN 1 AND {most}"
    if only is not None and not chosen:
        early.append(only)
    wanted: LiteralString = f", {only}" if only is not None and chosen else ""
    collected: list[LiteralString] = [
        f"groupArray{chosen}({most})({name}{wanted})",
        f"groupArray{chosen}({most})({order}{wanted})",
    ]
    prewhere: LiteralString = f"\nPREWHERE {early[0]}" if early else ""
    return f"""(
SELECT arrayCompact(arraySort((name, place) -> place, {_COMMA.join(collected)})) AS walk
FROM events AS e FINAL{prewhere}
WHERE {_inside(plan, part)}{where}
GROUP BY e.session_key, e.session_start
HAVING {_AND.join(having)})"""


def _inside(plan: Plan, part: Part) -> LiteralString:
    """WHERE of the events of a part's sessions: as `plan.of_starting`, the latest time being known."""
    sessions: LiteralString = f"""e.project_id = {plan.project}
  AND {plan.between("e.timestamp", plan.start, plan.instant("until", part.until + 1))}
  AND e.session_key != 0 AND e.session_start >= {plan.start} AND e.session_start < {plan.end}"""
    if part.shares == 1:
        return sessions
    share = plan.binder.name("share", part.share, "UInt64")
    shares = plan.binder.name("shares", part.shares, "UInt64")
    return f"{sessions}\n  AND cityHash64(e.session_key) % {shares} = {share}"
