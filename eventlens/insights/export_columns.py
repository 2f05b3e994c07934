"""The rows of exports, as SQL: the same names and values as in the explorers, written out by the engine.

A field's SQL is text, '' where unknown, or of the kind that it says. `visitorId` is not here: people are
found for each page of rows, and their ids written into the gap that a row leaves for it. `at_time` and
`end_time` are aliases of whoever selects: times in the question's zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

Kind = Literal["text", "number", "truth", "json", "list", "visitor"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name (with a dot for what lies within an object), its SQL and what it is."""

    name: LiteralString
    sql: LiteralString
    kind: Kind = "text"


def session_name_sql(alias: LiteralString) -> LiteralString:
    """The id by which a session is shown, as `sessions.session_name` makes it, else the client's own."""
    start: LiteralString = f"toString(toUnixTimestamp64Milli({alias}.session_start))"
    named: LiteralString = f"concat({alias}.project_id, '/', toString({alias}.session_key), '/', {start})"
    digest: LiteralString = f"substring(base64Encode(MD5({named})), 1, 22)"
    made: LiteralString = f"replaceAll(replaceAll({digest}, '+', '-'), '/', '_')"
    return f"if({alias}.session_id != '', {alias}.session_id, {made})"


def _same(alias: LiteralString, *pairs: tuple[LiteralString, LiteralString]) -> tuple[Field, ...]:
    return tuple(Field(name, f"toString({alias}.{column})") for name, column in pairs)


def _source(alias: LiteralString) -> tuple[Field, ...]:
    """Where the session came from, where it was and with what."""
    return _same(
        alias,
        ("referrer", "referrer"),
        ("referrerName", "referrer_name"),
        ("referrerType", "referrer_type"),
        ("utm.source", "utm_source"),
        ("utm.medium", "utm_medium"),
        ("utm.campaign", "utm_campaign"),
        ("utm.term", "utm_term"),
        ("utm.content", "utm_content"),
        ("country", "country"),
        ("region", "region"),
        ("city", "city"),
        ("browser", "browser"),
        ("browserVersion", "browser_version"),
        ("os", "os"),
        ("osVersion", "os_version"),
        ("device", "device"),
        ("brand", "brand"),
        ("model", "model"),
    )


EVENT_FIELDS: tuple[Field, ...] = (
    Field("id", "if(e.id != '', e.id, concat('e', lower(trimLeft(hex(e.arrival), '0'))))"),
    Field("name", "toString(e.name)"),
    Field("timestamp", "at_time"),
    Field("deviceId", "e.device_id"),
    Field("sessionId", f"if(e.session_key = 0, '', {session_name_sql('e')})"),
    Field("profileId", "e.profile_id"),
    Field("visitorId", "e.visitor", "visitor"),
    *_same(
        "e", ("path", "path"), ("origin", "origin"), ("query", "query"), ("hash", "hash"), ("title", "title")
    ),
    *_source("e"),
    Field("properties", "if(e.properties = '', '{}', replaceAll(e.properties, '\\n', ' '))", "json"),
    Field("groups", "e.groups", "list"),
    Field("revenue.amount", "ifNull(toString(e.revenue), '')", "number"),
    Field("revenue.currency", "if(isNull(e.revenue), '', toString(e.currency))"),
)

_DURATION: LiteralString = (
    "toString((toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)) / 1000)"
)
SESSION_FIELDS: tuple[Field, ...] = (
    Field("id", session_name_sql("s")),
    Field("startedAt", "at_time"),
    Field("endedAt", "end_time"),
    Field("duration", _DURATION, "number"),
    Field("events", "toString(s.events)", "number"),
    Field("screenViews", "toString(s.screen_views)", "number"),
    Field("bounce", "if(s.screen_views = 1, 'true', 'false')", "truth"),
    *_same(
        "s",
        ("entryPath", "entry_path"),
        ("entryOrigin", "entry_origin"),
        ("entryTitle", "entry_title"),
        ("exitPath", "exit_path"),
        ("exitOrigin", "exit_origin"),
        ("exitTitle", "exit_title"),
        ("deviceId", "device_id"),
        ("profileId", "profile_id"),
    ),
    Field("visitorId", "s.visitor", "visitor"),
    *_source("s"),
)


# --- one row as JSON ---


def json_row(fields: Sequence[Field]) -> tuple[LiteralString, LiteralString]:
    """SQL of what comes before and after the visitor's id (which is a JSON value) in a row's JSON object."""
    at = _gap(fields)
    before = _members(fields[:at], first=True)
    after = _members(fields[at + 1 :], first=False)
    gap: LiteralString = ',"visitorId":'
    return f"concat('{{', {before}, '{gap}')", f"concat({after}, '}}')"


def _members(fields: Sequence[Field], *, first: bool) -> LiteralString:
    parts: list[LiteralString] = []
    group: LiteralString = ""
    for field in fields:
        parent, _, key = field.name.rpartition(".")
        comma: LiteralString = "" if first and not parts else ","
        if parent != group and group:
            parts.append(_closing(group))
        if parent and parent != group:
            parts.append(_opening(parent, comma))
            comma = ""
        group = parent
        parts.append(f"'{comma}\"{key}\":', {_json(field)}")
    if group:
        parts.append(_closing(group))
    return ", ".join(parts)


def _opening(group: LiteralString, comma: LiteralString) -> LiteralString:
    if group == "revenue":  # null as a whole where there is none
        return f"'{comma}\"revenue\":', if(isNull(e.revenue), 'null', concat('{{'"
    return f"'{comma}\"{group}\":{{'"


def _closing(group: LiteralString) -> LiteralString:
    return "'}'))" if group == "revenue" else "'}'"


def _json(field: Field) -> LiteralString:
    if field.kind == "text":
        return f"if({field.sql} = '', 'null', {_as_json(field.sql)})"
    if field.kind == "list":
        return _as_json(field.sql)
    if field.kind == "number":
        return f"if({field.sql} = '', 'null', {field.sql})"
    return field.sql


def _as_json(sql: LiteralString) -> LiteralString:
    return f"replaceAll(toJSONString({sql}), '\\\\/', '/')"  # the engine escapes slashes


# --- one row as CSV ---


def csv_row(fields: Sequence[Field], *, guard: bool) -> tuple[LiteralString, LiteralString]:
    """SQL of what comes before and after the visitor's id in a line, commas included.

    `guard`: texts that a spreadsheet would take for a formula get an apostrophe in front.
    """
    at = _gap(fields)
    comma: LiteralString = ", ',', "
    before: LiteralString = comma.join([_cell(field, guard=guard) for field in fields[:at]])
    after: LiteralString = comma.join([_cell(field, guard=guard) for field in fields[at + 1 :]])
    return f"concat({before}, ',')", f"concat(',', {after})"


def _gap(fields: Sequence[Field]) -> int:
    return next(index for index, field in enumerate(fields) if field.kind == "visitor")


def _cell(field: Field, *, guard: bool) -> LiteralString:
    text: LiteralString = field.sql
    if field.kind == "list":
        text = f"if(empty({text}), '', {_as_json(text)})"
    if field.kind in ("number", "truth"):
        return text
    if guard and field.kind == "text":
        # What OWASP names, and the same signs in full width.
        signs: LiteralString = (
            "('=', '+', '-', '@', '\\t', '\\r', '\\n', '\uff1d', '\uff0b', '\uff0d', '\uff20')"
        )
        text = f"if(substringUTF8({text}, 1, 1) IN {signs}, concat('\\'', {text}), {text})"
    special: LiteralString = "[',', '\"', '\\n', '\\r']"
    quoted: LiteralString = f"concat('\"', replaceAll({text}, '\"', '\"\"'), '\"')"
    return f"if(multiSearchAny({text}, {special}), {quoted}, {text})"


# --- columns of a Parquet file ---


def parquet_columns(
    fields: Sequence[Field], person: LiteralString, times: dict[str, LiteralString]
) -> LiteralString:
    """SELECT list: nulls where unknown, times as such, `utm` and `revenue` as structs, groups as a list."""
    parts: list[LiteralString] = []
    groups: dict[LiteralString, list[tuple[LiteralString, LiteralString]]] = {}
    for field in fields:
        parent, _, key = field.name.rpartition(".")
        if parent:
            if parent not in groups:
                parts.append(parent)
            groups.setdefault(parent, []).append((key, _column(field)))
        elif field.kind == "visitor":
            parts.append(f"if({person} = 0, NULL, lower(leftPad(hex({person}), 16, '0'))) AS visitorId")
        elif field.name in times:
            parts.append(f"{times[field.name]} AS {field.name}")
        else:
            parts.append(f"{_column(field)} AS {field.name}")
    return ",\n  ".join(
        [
            f"tuple({', '.join([sql for _, sql in groups[part]])})::Tuple({_types(part)}) AS {part}"
            if part in groups
            else part
            for part in parts
        ]
    )


_NUMBERS: dict[str, LiteralString] = {
    "revenue.amount": "e.revenue",
    "duration": "(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)) / 1000",
    "events": "s.events",
    "screenViews": "s.screen_views",
    "bounce": "(s.screen_views = 1)::Bool",
}


def _column(field: Field) -> LiteralString:
    if field.name in _NUMBERS:
        return _NUMBERS[field.name]
    return field.sql if field.kind in ("list", "json") else f"nullIf({field.sql}, '')"


def _types(group: LiteralString) -> LiteralString:
    text: LiteralString = "Nullable(String)"
    if group == "revenue":
        return f"amount Nullable(Int64), currency {text}"
    return f"source {text}, medium {text}, campaign {text}, term {text}, content {text}"
