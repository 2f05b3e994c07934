"""The current value of one property of every profile, as SQL: only that property's changes are read.

It is what `insights/profiles.py` folds for one profile: the newest `set` of the property, of what it lies
in or of what lies in it, and what was added since. An object has no text. Only where something is added both
to a name and to what lies in it, or a value that is no object is in the way, does the fold go by more.
"""

from typing import LiteralString

from eventlens.insights.binder import Binder

# A change's place in time as one number, the name's length last: of one call's changes to a property, to what
# it lies in and to what lies in it, the longer name comes later, as in the fold.
_ORDER: LiteralString = """bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property)"""
_LENGTH: LiteralString = "toUInt16(bitAnd(b.at, 65535))"

Path = tuple[str, ...]


def values_sql(path: Path, binder: Binder) -> LiteralString:
    """SELECT of `node` (a profile's), `at` (when the value changed), `text`, `kind` (a JSON type).

    An unknown value has the text '' and not the kind 'Object'.
    """
    named = _named(path)
    names = binder.bind([name for name, _ in named], "Array(String)")
    if named[-1][1]:  # a key with a dot: the property has no name of its own
        known = _known_sql(f"c.property IN {names}", named, binder)
        return f"SELECT node, at, if(kind = 'Object', '', text) AS text, kind FROM ({known})"
    own: LiteralString = f"c.property = {binder.bind(named[-1][0], 'String')}"
    inside: LiteralString = f"startsWith(c.property, {binder.bind(named[-1][0] + '.', 'String')})"
    relevant: LiteralString = f"(c.property IN {names} OR {inside})"
    return f"""
  SELECT node, greatest(k.at, a.at) AS at,
    k.blocked = 0 AND k.kind IN ('', 'Null') AND a.inside AS holds,
    a.adds > 0 AND NOT holds AND k.blocked = 0
      AND k.kind NOT IN ('Object', 'Array', 'String', 'Bool') AS counts,
    {_decimal("k.text")} AS base,
    multiIf(holds OR k.kind = 'Object', '', NOT counts, k.text,
      a.wide = 0 AND (k.text = '' OR base IS NOT NULL),
      toString(ifNull(base, toDecimal256(0, {_SCALE})) + a.exact),
      toString(toFloat64OrZero(k.text) + a.rough)) AS text,
    multiIf(holds, 'Object', counts, 'Number', k.kind) AS kind
  FROM ({_known_sql(relevant, named, binder)}) AS k
  FULL JOIN ({_added_sql(own, inside, relevant)}) AS a USING (node)"""


def _sets_sql(relevant: LiteralString, among: LiteralString = "") -> LiteralString:
    """SELECT of each profile's newest `set`: `node`, `value`, `at` (with the length of its name)."""
    return f"""
    SELECT c.node AS node, argMax(c.value, {_ORDER}) AS value, max({_ORDER}) AS at
    FROM profile_changes AS c
    PREWHERE {relevant}
    WHERE c.project_id = {{project:String}} AND c.node != 0 AND c.operation = 'set'{among}
    GROUP BY node"""


def _known_sql(relevant: LiteralString, named: list[tuple[str, Path]], binder: Binder) -> LiteralString:
    """SELECT of what the newest `set` says."""
    text, kind, blocked = _extracted(named, binder)
    return f"""
    SELECT b.node AS node, b.at AS at, {text} AS text, {kind} AS kind, toUInt8({blocked}) AS blocked
    FROM ({_sets_sql(relevant)}) AS b"""


def _added_sql(own: LiteralString, inside: LiteralString, relevant: LiteralString) -> LiteralString:
    """SELECT of what was added since: nothing is read but names where there is none that adds."""
    adding: LiteralString = f"""c.node IN (
      SELECT c.node FROM profile_changes AS c PREWHERE {own} OR {inside}
      WHERE c.project_id = {{project:String}} AND c.operation = 'add')"""
    zero: LiteralString = f"toDecimal256(0, {_SCALE})"
    return f"""
    SELECT c.node AS node, max({_ORDER}) AS at, countIf({own}) AS adds,
      sumIf(ifNull({_decimal("c.value")}, {zero}), {own}) AS exact,
      sumIf(toFloat64OrZero(c.value), {own}) AS rough, maxIf(isNull({_decimal("c.value")}), {own}) AS wide,
      argMin({own}, {_ORDER}) = 0 AS inside
    FROM profile_changes AS c FINAL
    LEFT ANY JOIN ({_sets_sql(relevant, f" AND {adding}")}) AS b ON b.node = c.node
    PREWHERE {own} OR {inside}
    WHERE c.project_id = {{project:String}} AND c.node != 0 AND c.operation = 'add'
      AND {_ORDER} > b.at
    GROUP BY node"""


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
