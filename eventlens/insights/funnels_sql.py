"""Attempts at a funnel as SQL: who got how far, and when.

The events of one visitor (session, group) become one sorted array of numbers, each of them the event's time,
its place in the order of arrival, and bits that say which steps and exclusions it matches. From the last step
to the first, an array says for each place which event comes next that is the step, and what follows from
there: so every attempt of somebody is known after one look at each event and step. `windowFunnel` cannot be
used: it breaks ties by step, lets one event be two steps, knows no exclusions and no times.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

from eventlens.insights.filters import Condition, Test, any_of_session, condition_sql, within
from eventlens.insights.funnels_asked import Funnel, overlapping
from eventlens.insights.measures import Split, place_sql
from eventlens.insights.plan import Plan

MOST_EVENTS = 100_000
"""Events of one visitor, session or group that are looked at: the first matching ones."""

Parts = Literal["whole", "by value", "by first value", "by start"]
"""Whether attempts are kept apart: by the value that all their events have, by the value of their first
event, or by the bucket in which they start."""

_NARROW_BITS = 128 - 43 - 64
"""Bits left beside a time and an arrival in 128 of them; who needs more takes 256."""

_NEVER: LiteralString = "toInt64(4611686018427387904)"
"""After every place in time. Those are milliseconds << 18 | position << 1 | whether it is an exclusion's."""

_FOREVER = 1 << 53

_N: tuple[LiteralString, ...] = (
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18",
    "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35",
    "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47", "48",
)  # fmt: skip  # one table
_VALUE_BITS = 7
_COMMA: LiteralString = ",\n  "
_OR: LiteralString = " OR "
_PLUS: LiteralString = " + "
_LIST: LiteralString = ", "
_AND: LiteralString = "\n  AND "

Named = tuple[LiteralString, LiteralString]
"""A name and the SQL behind it."""


Element = Callable[[LiteralString], LiteralString]
"""SQL of an array's element, by the array's name."""


@dataclass(frozen=True, slots=True)
class _Attempts:
    """Arrays with an element for each event: `lets` make them.

    `depths` is SQL of the steps that the attempt from there reaches, 0 where none starts or it is excluded.
    `ends` is SQL of an array of the places in time of steps 2 and later, from an element of each of `arrays`.
    """

    lets: list[Named]
    depths: LiteralString
    arrays: list[LiteralString]
    ends: Callable[[Element], LiteralString]


class Attempts:
    """The SELECT of the attempts that count, for one plan (which owns the parameters).

    Gives `who`, `level` (steps reached) and `at` (the time of each of them in milliseconds), and with parts
    also `part`: a place of the split, or a bucket's start. Who has attempts in several parts has a row in
    each. Without `starts`, who got no further than step 1 has no times.
    """

    def __init__(
        self,
        plan: Plan,
        funnel: Funnel,
        parts: Parts = "whole",
        split: Split | None = None,
        *,
        starts: bool = False,
    ) -> None:
        self.plan = plan
        self.funnel = funnel
        self.parts: Parts = parts
        self.split = split
        self._several = parts in ("by first value", "by start")
        self._quick = funnel.order != "any" and not self._several and not starts
        question = plan.question
        conditions = [step.condition for step in funnel.steps]
        conditions += [each.condition for each in funnel.exclusions]
        self._conditions: list[Condition | None] = [
            each and within(each, question.span, identified=question.identified) for each in conditions
        ]
        self._bits = len(conditions)
        self._shift: LiteralString = _N[self._bits + (_VALUE_BITS if parts == "by first value" else 0)]

    def sql(self) -> LiteralString:
        """See the class."""
        found = self._any() if self.funnel.order == "any" else self._ordered()
        return self._several_sql(found) if self._several else self._best_sql(found)

    # --- events → arrays ---

    def _events(self) -> LiteralString:
        """One row for each event that matters and each one whose it is."""
        plan, funnel = self.plan, self.funnel
        until = plan.instant("until", plan.question.span.end + (funnel.window or _FOREVER))
        who, there = self._whose()
        tests: list[LiteralString] = [self._test(at) for at in range(self._bits)]
        where: list[LiteralString] = [
            f"e.project_id = {plan.project}",
            plan.between("e.timestamp", plan.start, until),
            there,
        ]
        early: tuple[LiteralString, ...] = ()
        if funnel.order != "strict":
            wanted: LiteralString = f"({_OR.join(self._wanted(tests))})"
            if any(each is not None and any_of_session(each) for each in self._conditions):
                where.append(wanted)
            else:
                early = (wanted,)
        masks = _shifted(tests, _wide(self._bits))
        value: LiteralString = ""
        if self.split is not None:
            value = f", {place_sql(plan, self.split)} AS value"
        return f"""SELECT {who} AS who, toUnixTimestamp64Milli(e.timestamp) AS time, e.arrival AS arrival,
    {_joined(masks)} AS mask{value}{
            plan.events_where(_AND.join(where), people=funnel.by == "visitor", early=early)
        }"""

    def _wanted(self, tests: Sequence[LiteralString]) -> list[LiteralString]:
        """Tests one of which holds of every event that matters; those of a name alone are one."""
        names: list[str] = []
        others: list[LiteralString] = []
        for condition, test in zip(self._conditions, tests, strict=True):
            match condition:
                case Test("name", "is", values):
                    names += map(str, values)
                case _:
                    others.append(test)
        if names:
            others.insert(0, self.plan.binder.any_of("e.name", sorted(set(names)), "String"))
        return others

    def _whose(self) -> Named:
        """Whose an event is, and whether it is anybody's."""
        if self.funnel.by == "session":
            return self.plan.session_id("e"), "e.session_key != 0"
        if self.funnel.by == "group":
            return "arrayJoin(e.groups)", "notEmpty(e.groups)"
        return self.plan.person(), "e.visitor != 0"

    def _test(self, at: int) -> LiteralString:
        """Whether an event is a step or an exclusion. What begins attempts does so in the span alone."""
        condition = self._conditions[at]
        test: LiteralString = "true" if condition is None else condition_sql(condition, self.plan.binder)
        return f"({test} AND e.timestamp < {self.plan.end})" if at == 0 and self._in_order else f"({test})"

    @property
    def _in_order(self) -> bool:
        return self.funnel.order != "any"

    def _arrays(self, lets: Sequence[Named]) -> LiteralString:
        """One row for each visitor (session, group), and value where those are kept apart."""
        bits = self._bits + (_VALUE_BITS if self.parts == "by first value" else 0)
        wide: LiteralString = "toUInt128" if bits <= _NARROW_BITS else "toUInt256"
        mask: LiteralString = "mask"
        if self.parts == "by first value":
            mask = f"mask + bitShiftLeft(toUInt64(value), {_N[self._bits]})"
        keys: LiteralString = "who, value" if self.parts == "by value" else "who"
        quick: LiteralString = ", groupBitOr(mask) AS bits" if self._quick else ""
        also: LiteralString = ", bits" if self._quick else ""
        named: LiteralString = _COMMA.join([f"{sql} AS {name}" for name, sql in [*self._basics(), *lets]])
        return f"""SELECT {keys}{also},
  {named}
FROM (
  SELECT {keys}, groupArray(
    bitShiftLeft(bitShiftLeft({wide}(time), 64) + arrival, {self._shift}) + {mask}) AS found{quick}
  FROM (
    {self._events()})
  GROUP BY {keys})"""

    def _basics(self) -> list[Named]:
        """`times` in milliseconds, `masks` of bits, `places` in time of somebody's events, in order."""
        most = self.plan.binder.name("most", MOST_EVENTS, "UInt64")
        codes: LiteralString = f"arraySlice(arraySort(found), 1, {most})"
        if self._quick:
            codes = f"arraySlice(arraySort(if({self._plain}, [], found)), 1, {most})"
        low: LiteralString = f"bitShiftLeft(toUInt64(1), {self._shift}) - 1"
        return [
            ("codes", codes),
            ("times", f"arrayMap(x -> toInt64(bitShiftRight(x, {self._shift} + 64)), codes)"),
            ("masks", f"arrayMap(x -> toUInt64(bitAnd(x, {low})), codes)"),
            (
                "places",
                "arrayMap((t, i) -> bitShiftLeft(t, 18) + 2 * toInt64(i), times, arrayEnumerate(times))",
            ),
        ]

    @property
    def _plain(self) -> LiteralString:
        """There is nothing to look for: step 1 was not done, or neither step 2 nor what is excluded."""
        steps = len(self.funnel.steps)
        further = self._mask(*range(1, min(steps, 2)), *range(steps, self._bits))
        return f"(bitAnd(bits, 1) = 0 OR bitAnd(bits, {further}) = 0)"

    def _mask(self, *bits: int) -> LiteralString:
        return self.plan.binder.bind(sum(1 << bit for bit in bits), "UInt64")

    # --- arrays → attempts ---

    def _ordered(self) -> _Attempts:
        """Each attempt takes the next step with the first event that is it."""
        steps = len(self.funnel.steps)
        if steps == 1:
            return _Attempts([], "arrayMap(m -> bitAnd(m, 1), masks)", [], lambda _: "emptyArrayInt64()")
        masks: list[LiteralString] = [self._mask(at) for at in range(1, steps)]
        lets, following = self._chain("next", masks, self._between_masks())
        arrays: list[LiteralString] = []
        for step, array in zip(_N[2:], following, strict=False):
            lets.append((f"end{step}", f"arrayShiftLeft({array}, 1, {_NEVER})"))
            arrays.append(f"end{step}")
        places: list[LiteralString] = [f"x_{array}" for array in arrays]
        depth: LiteralString = f"1 + {_PLUS.join(_reached(places, self._limit))}"
        if self.funnel.exclusions:
            depth = f"if({_OR.join(_ended(places, self._limit))}, 0, {depth})"
        return _Attempts(
            lets,
            f"""arrayMap((t, m, {_LIST.join(places)}) -> if(bitAnd(m, 1) = 0, 0, {depth}),
    times, masks, {_LIST.join(arrays)})""",
            arrays,
            lambda element: f"[{_LIST.join(map(element, arrays))}]",
        )

    @property
    def _limit(self) -> LiteralString:
        """After every place in the window of an attempt that starts at `t`."""
        if self.funnel.window is None:
            return "toInt64(4611686018427387903)"
        window = self.plan.binder.name("window", self.funnel.window + 1, "Int64")
        return f"(bitShiftLeft(t + {window}, 18) - 1)"

    def _between_masks(self) -> list[LiteralString | None]:
        """The exclusions between each step and the next one, None where there is none."""
        first = len(self.funnel.steps)
        found: list[LiteralString | None] = []
        for step in range(1, first):
            bits = [
                first + at for at, each in enumerate(self.funnel.exclusions) if each.first <= step < each.last
            ]
            found.append(self._mask(*bits) if bits else None)
        return found

    def _chain(
        self, name: LiteralString, masks: Sequence[LiteralString], ends: Sequence[LiteralString | None]
    ) -> tuple[list[Named], list[LiteralString]]:
        """Makes arrays, one for each of some steps, and gives their names.

        Their elements are, for each event, the places in time of the next event that is the first step,
        itself included, and of those that follow it as the other steps. Where an exclusion comes before, its
        place is there, marked; what is said of further steps then means nothing. In `strict` order the event
        itself must be the step. They are made from the last step to the first.
        """
        lets: list[Named] = []
        following: list[LiteralString] = []
        strict = self.funnel.order == "strict"
        for at in reversed(range(len(masks))):
            step = _N[at + 2]
            is_step: LiteralString = f"bitAnd(m, {masks[at]}) != 0"
            first = _first(is_step, ends[at], strict=strict)
            made: list[Named] = [(f"{name}{step}_{step}", first)]
            for later, array in zip(_N[at + 3 :], following, strict=False):
                shifted: LiteralString = f"arrayShiftLeft({array}, 1, {_NEVER})"
                mapped: LiteralString = f"arrayMap((m, n) -> if({is_step}, n, {_NEVER}), masks, {shifted})"
                made.append((f"{name}{step}_{later}", mapped if strict else _filled(mapped)))
            lets += made
            following = [array for array, _ in made]
        return lets, following

    def _any(self) -> _Attempts:
        """Each attempt takes any step with an event of its own, as many steps as events can be matched to."""
        steps = len(self.funnel.steps)
        lets = self._matched()
        everything = self._mask(*range(steps))
        end = self.plan.binder.name("end_time", self.plan.question.span.end, "Int64")
        none: LiteralString = f"bitAnd(m, {everything}) = 0 OR t >= {end}"
        inner: LiteralString = "t, m, n"
        outer: LiteralString = "times, masks, tails"
        if self.funnel.exclusions:
            excluded = self._mask(*range(steps, self._bits))
            marked: LiteralString = f"bitAnd(m, {excluded}) != 0 AND bitAnd(m, {everything}) = 0"
            ends = _filled(f"arrayMap((p, m) -> if({marked}, p, {_NEVER}), places, masks)")
            lets.append(("ends", f"arrayShiftLeft({ends}, 1, {_NEVER})"))
            inner, outer = f"{inner}, x", f"{outer}, ends"
            none = f"{none} OR (x <= {self._limit} AND x < n[{_N[steps]}])"
        counted: LiteralString = _PLUS.join(_reached(_elements("n", 1, steps), self._limit))
        return _Attempts(
            lets,
            f"arrayMap(({inner}) -> if({none}, 0, {counted}), {outer})",
            ["tails"],
            lambda element: f"arraySlice({element('tails')}, 2)",
        )

    def _matched(self) -> list[Named]:
        """Makes `tails`: for each event the places in time at which one step is reached, two, and so on.

        How many steps events can be matched to is what the scarcest of their subsets allows (Hall's theorem):
        the j-th of n steps is reached as soon as each subset of more than n - j of them has as many events as
        it must have. Only steps that one event may be are looked at together.
        """
        lets: list[Named] = []
        arrays: list[LiteralString] = []
        reached: list[LiteralString] = []
        for number, classes in enumerate(overlapping(self.funnel.steps)):
            count = sum(len(same) for same in classes)
            bounds: list[list[LiteralString]] = [[] for _ in range(count)]
            for subset in range(1, 1 << len(classes)):
                bits = [bit for at, same in enumerate(classes) if subset >> at & 1 for bit in same]
                name: LiteralString = f"of{_N[number]}_{_N[subset]}"
                masks: list[LiteralString] = [self._mask(*bits)] * len(bits)
                made, chained = self._chain(f"{name}_", masks, [None] * len(bits))
                lets += made
                arrays += chained
                for at, array in enumerate(chained, count - len(bits)):
                    bounds[at].append(f"x_{array}")
            reached.extend(map(_greatest, bounds))
        places: LiteralString = f"arraySort([{_LIST.join(reached)}])"
        names: list[LiteralString] = [f"x_{array}" for array in arrays]
        lets.append(("tails", f"arrayMap(({_LIST.join(names)}) -> {places}, {_LIST.join(arrays)})"))
        return lets

    # --- attempts → the one that counts ---

    def _best_sql(self, found: _Attempts) -> LiteralString:
        """The attempt that gets furthest; of several the first."""
        lets: list[Named] = [*found.lets, ("depths", found.depths)]
        level: LiteralString = "arrayMax(depths)"
        if self._quick:
            level = f"if({self._plain}, bitAnd(bits, 1), {level})"
        lets.append(("level", level))
        lets.append(("best", "indexOf(depths, level)"))
        ends = found.ends(lambda array: f"{array}[best]")
        part: LiteralString = ", value AS part" if self.parts == "by value" else ""
        return f"""SELECT who{part}, level,
  arrayMap(x -> bitShiftRight(x, 18), arrayConcat([places[best]], {ends})) AS at
FROM (
{self._arrays(lets)})
WHERE level > 0"""

    def _several_sql(self, found: _Attempts) -> LiteralString:
        """The same, for each part in which attempts start."""
        part: LiteralString = f"toInt64(bitShiftRight(m, {_N[self._bits]}))"
        if self.parts == "by start":
            starts = [bucket.start for bucket in self.plan.question.buckets()]
            part = f"roundDown(t, {self.plan.binder.name('buckets', starts, 'Array(Int64)')})"
        names: list[LiteralString] = [f", x_{array}" for array in found.arrays]
        arrays: list[LiteralString] = [f", {array}" for array in found.arrays]
        ends = found.ends(lambda array: f"x_{array}")
        tries: LiteralString = f"""arraySort(arrayFilter(x -> x.2 < 0, arrayMap(
    (t, m, p, d{"".join(names)}) -> ({part}, -toInt16(d), p, {ends}),
    times, masks, places, depths{"".join(arrays)})))"""
        parts: LiteralString = f"arrayShiftRight(arrayMap(x -> x.1, tries), 1, {_NEVER})"
        first: LiteralString = f"arrayFilter((x, before) -> x.1 != before, tries, {parts})"
        lets: list[Named] = [*found.lets, ("depths", found.depths), ("tries", tries), ("first", first)]
        return f"""SELECT who, one.1 AS part, -one.2 AS level,
  arrayMap(x -> bitShiftRight(x, 18), arrayConcat([one.3], one.4)) AS at
FROM (
{self._arrays(lets)})
ARRAY JOIN first AS one"""


def _first(is_step: LiteralString, end: LiteralString | None, *, strict: bool) -> LiteralString:
    """An array of the place of the next event that is a step, or of the exclusion that comes before it."""
    if end is None:
        plain: LiteralString = f"arrayMap((p, m) -> if({is_step}, p, {_NEVER}), places, masks)"
        return plain if strict else _filled(plain)
    marked: LiteralString = f"if(bitAnd(m, {end}) != 0, p + 1, {_NEVER})"
    if not strict:
        return _filled(f"arrayMap((p, m) -> if({is_step}, p, {marked}), places, masks)")
    ended = _filled(f"arrayMap((p, m) -> {marked}, places, masks)")
    return f"arrayMap((p, m, x) -> if({is_step}, p, x), places, masks, {ended})"


def _joined(masks: Sequence[LiteralString]) -> LiteralString:
    """All the bits; a sum would be wider."""
    joined = masks[0]
    for mask in masks[1:]:
        joined = f"bitOr({joined}, {mask})"
    return joined


def _wide(bits: int) -> LiteralString:
    """Makes numbers that are wide enough for so many bits."""
    if bits <= 8:
        return "toUInt8"
    return "toUInt32" if bits <= 32 else "toUInt64"


def _shifted(tests: Sequence[LiteralString], wide: LiteralString) -> list[LiteralString]:
    """The bit of each test, 0 where it fails."""
    return [f"bitShiftLeft({wide}({test}), {bit})" for test, bit in zip(tests, _N, strict=False)]


def _ended(paths: Sequence[LiteralString], limit: LiteralString) -> list[LiteralString]:
    """Whether an exclusion is at each of some places in time, before the limit."""
    return [f"({path} <= {limit} AND bitTest({path}, 0))" for path in paths]


def _reached(paths: Sequence[LiteralString], limit: LiteralString) -> list[LiteralString]:
    """Whether each of some places in time is before the limit."""
    return [f"({path} <= {limit})" for path in paths]


def _greatest(places: Sequence[LiteralString]) -> LiteralString:
    return places[0] if len(places) == 1 else f"greatest({_LIST.join(places)})"


def _elements(array: LiteralString, first: int, last: int) -> list[LiteralString]:
    """The elements of an array between two numbers, both included."""
    return [f"{array}[{number}]" for number in _N[first : last + 1]]


def _filled(array: LiteralString) -> LiteralString:
    """The array with the next element of it wherever there is none."""
    return f"arrayReverseFill(x -> x != {_NEVER}, {array})"
