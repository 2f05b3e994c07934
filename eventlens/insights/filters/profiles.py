"""The current value of one property of every profile, as SQL: only that property's changes are read.

It is what `insights/profiles.py` folds for one profile: the newest `set` of the property, of what it lies
in or of what lies in it, and what was added since. An object has no text. Only where something is added both
to a name and to what lies in it, or a value that is no object is in the way, does the fold go by more.
"""

from typing import LiteralString

from eventlens.insights.binder import Binder

_NEWEST: LiteralString = "(c.timestamp, c.arrival, c.property)"

Path = tuple[str, ...]


def values_sql(path: Path, binder: Binder) -> LiteralString:
    """SELECT of `node` (a profile's), `at` (when the value changed), `text`, `kind` (a JSON type).

    An unknown value has the text '' and not the kind 'Object'.
    """
    named = _named(path)
    names = binder.bind([name for name, _ in named], "Array(String)")
    relevant: LiteralString = f"c.property IN {names}"
    whole: LiteralString = ""
    inside: LiteralString = ""
    if not named[-1][1]:  # the property has a name of its own, so that something may lie in it or be added
        whole = binder.bind(named[-1][0], "String")
        inside = binder.bind(named[-1][0] + ".", "String")
        relevant = f"({relevant} OR startsWith(c.property, {inside}))"
    sets: LiteralString = f"""
    SELECT c.node AS node, argMax((c.property, c.value), {_NEWEST}) AS newest, max({_NEWEST}) AS at
    FROM profile_changes AS c
    PREWHERE {relevant}
    WHERE c.project_id = {{project:String}} AND c.node != 0 AND c.operation = 'set'
    GROUP BY node"""
    text, kind, blocked = _extracted(named, binder)
    known: LiteralString = f"""
    SELECT b.node AS node, b.at AS at, {text} AS text, {kind} AS kind, {blocked} AS blocked,
      toUInt64(0) AS adds, toDecimal256(0, {_SCALE}) AS exact, toFloat64(0) AS rough,
      toUInt8(0) AS wide, toUInt8(0) AS inside
    FROM ({sets}) AS b"""
    if not whole:
        return f"SELECT node, at, if(kind = 'Object', '', text) AS text, kind FROM ({known})"
    own: LiteralString = f"c.property = {whole}"
    added: LiteralString = f"""
    SELECT c.node AS node, max({_NEWEST}) AS at, '' AS text, '' AS kind, toUInt8(0) AS blocked,
      countIf({own}) AS adds, sumIf(ifNull({_decimal("c.value")}, toDecimal256(0, {_SCALE})), {own}) AS exact,
      sumIf(toFloat64OrZero(c.value), {own}) AS rough, maxIf(isNull({_decimal("c.value")}), {own}) AS wide,
      argMin({own}, {_NEWEST}) = 0 AS inside
    FROM profile_changes AS c FINAL
    LEFT ANY JOIN ({sets}) AS b ON b.node = c.node
    PREWHERE {own} OR startsWith(c.property, {inside})
    WHERE c.project_id = {{project:String}} AND c.node != 0 AND c.operation = 'add' AND {_NEWEST} > b.at
    GROUP BY node"""
    return f"""
  SELECT node, max(u.at) AS at, max(u.kind) AS set_kind, max(u.text) AS set_text, sum(u.adds) AS adds,
    max(u.blocked) = 0 AND set_kind IN ('', 'Null') AND max(u.inside) AS holds,
    adds > 0 AND NOT holds AND max(u.blocked) = 0
      AND set_kind NOT IN ('Object', 'Array', 'String', 'Bool') AS counts,
    {_decimal("set_text")} AS base,
    multiIf(holds OR set_kind = 'Object', '', NOT counts, set_text,
      max(u.wide) = 0 AND (set_text = '' OR base IS NOT NULL),
      toString(ifNull(base, toDecimal256(0, {_SCALE})) + sum(u.exact)),
      toString(toFloat64OrZero(set_text) + sum(u.rough))) AS text,
    multiIf(holds, 'Object', counts, 'Number', set_kind) AS kind
  FROM ({known}
    UNION ALL{added}) AS u
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
    `newest` name and value of a profile `b`.
    """
    text: LiteralString = "''"
    kind: LiteralString = "'Object'"  # set was what lies in it
    blocked: LiteralString = "false"
    for name, rest in named:
        bound = binder.bind(name, "String")
        keys: list[LiteralString] = [binder.bind(key, "String") for key in rest]
        places: list[LiteralString] = [
            ", ".join(["b.newest.2", *keys[:length]]) for length in range(len(keys) + 1)
        ]
        here: LiteralString = f"b.newest.1 = {bound}"
        text = f"if({here}, ifNull(JSONExtract({places[-1]}, 'Nullable(String)'), ''), {text})"
        kind = f"if({here}, toString(JSONType({places[-1]})), {kind})"
        if rest:
            walls: list[LiteralString] = [
                f"JSONType({place}) NOT IN ('Object', 'Null')" for place in places[:-1]
            ]
            blocked = f"if({here}, {' OR '.join(walls)}, {blocked})"
    return text, kind, blocked
