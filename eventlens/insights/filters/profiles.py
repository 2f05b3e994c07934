"""The current value of one property of everybody, as SQL: only that property's changes are read.

It is what `insights/traits.py` folds for one person, whose profiles share one log: the newest `set` of the
property, of what it lies in or of what lies in it, and what was added since. An object has no text. Only
where something is added both to a name and to what lies in it, or a value that is no object is in the way,
does the fold go by more.
"""

from typing import LiteralString

from eventlens.insights.binder import Binder

# A change's place in time as one number, the name's length last: of one call's changes to a property, to what
# it lies in and to what lies in it, the longer name comes later, as in the fold.
_ORDER: LiteralString = """bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property)"""
_LENGTH: LiteralString = "toUInt16(bitAnd(b.at, 65535))"

Path = tuple[str, ...]


def values_sql(path: Path, binder: Binder, *, identified: bool) -> LiteralString:
    """SELECT of `person`, `text`, `kind` (a JSON type): what is known of a property of each person.

    An unknown value has the text '' and not the kind 'Object'. `identified`: people may have several nodes.
    """
    named = _named(path)
    names = binder.bind([name for name, _ in named], "Array(String)")
    if named[-1][1]:  # a key with a dot: the property has no name of its own
        sets = _sets_sql(_changes_sql(f"c.property IN {names}", identified=identified))
        known = _known_sql(sets, named, binder)
        text: LiteralString = "if(k.kind = 'Object', '', k.text)"
        return f"SELECT k.person AS person, {text} AS text, k.kind AS kind FROM ({known}) AS k"
    own = binder.bind(named[-1][0], "String")
    inside: LiteralString = f"startsWith(c.property, {binder.bind(named[-1][0] + '.', 'String')})"
    sets = _sets_sql(_changes_sql(f"(c.property IN {names} OR {inside})", identified=identified))
    adds = _changes_sql(f"(c.property = {own} OR {inside})", identified=identified, adds=True)
    return f"""
  SELECT person, k.blocked = 0 AND k.kind IN ('', 'Null') AND a.inside AS holds,
    a.adds > 0 AND NOT holds AND k.blocked = 0
      AND k.kind NOT IN ('Object', 'Array', 'String', 'Bool') AS counts,
    {_decimal("k.text")} AS base,
    multiIf(holds OR k.kind = 'Object', '', NOT counts, k.text,
      a.wide = 0 AND (k.text = '' OR base IS NOT NULL),
      toString(ifNull(base, toDecimal256(0, {_SCALE})) + a.exact),
      toString(toFloat64OrZero(k.text) + a.rough)) AS text,
    multiIf(holds, 'Object', counts, 'Number', k.kind) AS kind
  FROM ({_known_sql(sets, named, binder)}) AS k
  FULL JOIN ({_added_sql(own, adds, sets)}) AS a USING (person)"""


def _changes_sql(relevant: LiteralString, *, identified: bool, adds: bool = False) -> LiteralString:
    """SELECT of changes: `person`, `place` in time, `property`, `value`.

    A `set` that is there twice changes nothing, so only what adds is read FINAL.
    """
    person: LiteralString = "if(ci.person = 0, c.node, ci.person)" if identified else "c.node"
    join: LiteralString = ""
    if identified:
        join = """
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node"""
    final: LiteralString = " FINAL" if adds else ""
    operation: LiteralString = "'add'" if adds else "'set'"
    return f"""
      SELECT {person} AS person, {_ORDER} AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c{final}{join}
      PREWHERE {relevant}
      WHERE c.project_id = {{project:String}} AND c.node != 0 AND c.operation = {operation}"""


def _sets_sql(changes: LiteralString) -> LiteralString:
    """SELECT of each person's newest `set`: `value`, `at` (its place, with the length of its name)."""
    return f"""
    SELECT s.person AS person, argMax(s.value, s.place) AS value, max(s.place) AS at
    FROM ({changes}) AS s
    GROUP BY person"""


def _known_sql(sets: LiteralString, named: list[tuple[str, Path]], binder: Binder) -> LiteralString:
    """SELECT of what the newest `set` says."""
    text, kind, blocked = _extracted(named, binder)
    return f"""
    SELECT b.person AS person, b.at AS at, {text} AS text, {kind} AS kind, toUInt8({blocked}) AS blocked
    FROM ({sets}) AS b"""


def _added_sql(own: LiteralString, adds: LiteralString, sets: LiteralString) -> LiteralString:
    """SELECT of what was added to a property, or within it, since the newest `set`."""
    mine: LiteralString = f"d.property = {own}"
    zero: LiteralString = f"toDecimal256(0, {_SCALE})"
    return f"""
    SELECT d.person AS person, countIf({mine}) AS adds,
      sumIf(ifNull({_decimal("d.value")}, {zero}), {mine}) AS exact,
      sumIf(toFloat64OrZero(d.value), {mine}) AS rough, maxIf(isNull({_decimal("d.value")}), {mine}) AS wide,
      argMin({mine}, d.place) = 0 AS inside
    FROM ({adds}) AS d
    LEFT ANY JOIN ({sets}) AS b ON b.person = d.person
    WHERE d.place > b.at
    GROUP BY person"""


_SCALE: LiteralString = "20"
"""Digits after the point that are added exactly; what does not fit is added as a float."""


def _decimal(text: LiteralString) -> LiteralString:
    return f"toDecimal256OrNull({text}, {_SCALE})"


def _named(path: Path) -> list[tuple[str, Path]]:
    """Names that a change may have to set the property or what it lies in, outermost first, each with the
    rest of the way; a key with a dot in it is never a name's own part.
    """
    found: list[tuple[str, Path]] = []
    for length in range(1, len(path) + 1):
        if "." in path[length - 1]:
            break
        found.append((".".join(path[:length]), path[length:]))
    return found


def _extracted(
    named: list[tuple[str, Path]], binder: Binder
) -> tuple[LiteralString, LiteralString, LiteralString]:
    """SQL of the text, the JSON type and whether something else than an object is in the way, from the
    `value` and the length of the name of a profile `b`.
    """
    text: LiteralString = "''"
    kind: LiteralString = "'Object'"  # set was what lies in it
    blocked: LiteralString = "false"
    for name, rest in named:
        length = binder.bind(len(name.encode()), "UInt16")
        keys: list[LiteralString] = [binder.bind(key, "String") for key in rest]
        places: list[LiteralString] = [
            ", ".join(["b.value", *keys[:depth]]) for depth in range(len(keys) + 1)
        ]
        here: LiteralString = f"{_LENGTH} = {length}"
        text = f"if({here}, ifNull(JSONExtract({places[-1]}, 'Nullable(String)'), ''), {text})"
        kind = f"if({here}, toString(JSONType({places[-1]})), {kind})"
        if rest:
            walls: list[LiteralString] = [
                f"JSONType({place}) NOT IN ('Object', 'Null')" for place in places[:-1]
            ]
            blocked = f"if({here}, {' OR '.join(walls)}, {blocked})"
    return text, kind, blocked
