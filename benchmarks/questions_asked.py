"""What `questions.py` asks: each request beside the plain SQL that somebody would write on the raw table.

The plain queries read `events` without FINAL, look nobody up and know no sessions but by their key: they are
what is to be beaten, not the same numbers to the last digit. `{project}`, `{start}`, `{end}` (milliseconds)
are put in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

SPAN = (
    "project_id = '{project}' AND toDate(timestamp) >= toDate({start} / 1000, 'UTC') "
    "AND toDate(timestamp) <= toDate({end} / 1000, 'UTC') "
    "AND timestamp >= fromUnixTimestamp64Milli({start}, 'UTC') "
    "AND timestamp < fromUnixTimestamp64Milli({end}, 'UTC')"
)
_NUMBERS = (
    "uniqExact(visitor), uniqExact(session_key, session_start), "
    "countIf(name = 'screen_view'), count() AS events"
)
_VIEWS = "uniq(visitor), countIf(name = 'screen_view'), count() AS events"


@dataclass(frozen=True)
class Asked:
    """A request. `goal`: the most of the plain query's time that it may take, None: measured only.

    `plain` is what the goal is about; `lower` a cheaper query that finds out less. Of questions with a filter
    `plain` finds out all that the answer says, whole sessions included, `lower` what events alone tell.
    """

    name: str
    route: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Json | None = None
    plain: str = ""
    lower: str = ""
    goal: float | None = None


def _filter(name: str, operator: str, value: str) -> str:
    return f'[{{"name":"{name}","operator":"{operator}","value":["{value}"]}}]'


def _metrics(name: str, where: str = "", filters: str = "", goal: float = 1 / 40) -> Asked:
    more = {"filters": filters} if filters else {}
    condition = f"{SPAN}{where}"
    plain = f"SELECT {_NUMBERS} FROM events WHERE {condition}"
    return Asked(name, "metrics", more, None, plain, f"SELECT {_VIEWS} FROM events WHERE {condition}", goal)


def _series(name: str, interval: str, where: str = "", filters: str = "", goal: float = 1 / 40) -> Asked:
    more = {"filters": filters} if filters else {}
    unit = {"week": "toMonday(timestamp)", "day": "toDate(timestamp)"}[interval]
    rest = f"FROM events WHERE {SPAN}{where} GROUP BY bucket ORDER BY bucket"
    return Asked(
        name,
        "timeseries",
        {"interval": interval, **more},
        None,
        f"SELECT {unit} AS bucket, {_NUMBERS} {rest}",
        f"SELECT {unit} AS bucket, {_VIEWS} {rest}",
        goal,
    )


def _list(route: str, dimension: str, where: str = "", filters: str = "", goal: float = 1 / 60) -> Asked:
    more = {"filters": filters} if filters else {}
    suffix = " of one country" if filters else ""
    rest = f"FROM events WHERE {SPAN}{where} GROUP BY value ORDER BY people DESC LIMIT 10"
    sessions = "uniqExact(visitor) AS people, uniqExact(session_key, session_start)"
    return Asked(
        f"{route} by {dimension}{suffix}",
        route,
        {"dimension": dimension, "limit": "10", **more},
        None,
        f"SELECT {dimension} AS value, {sessions}, countIf(name = 'screen_view') {rest}",
        f"SELECT {dimension} AS value, uniq(visitor) AS people, countIf(name = 'screen_view') {rest}",
        goal,
    )


def _pages(mode: str, where: str = "", filters: str = "", goal: float = 1 / 60) -> Asked:
    more = {"filters": filters} if filters else {}
    suffix = " of one country" if filters else ""
    rest = f"FROM events WHERE {SPAN} AND name = 'screen_view'{where}"
    if mode == "top":
        plain = f"""SELECT origin, path, count() AS views, uniqExact(visitor),
  uniqExact(session_key, session_start) {rest} GROUP BY origin, path ORDER BY views DESC LIMIT 10"""
        lower = (
            f"SELECT path, count() AS views, uniq(visitor) {rest} GROUP BY path ORDER BY views DESC LIMIT 10"
        )
    else:
        edge = "argMin" if mode == "entry" else "argMax"
        lower = ""
        plain = f"""SELECT page, count() AS sessions, uniqExact(person) FROM (
  SELECT {edge}(path, timestamp) AS page, any(visitor) AS person {rest} GROUP BY session_key, session_start)
GROUP BY page ORDER BY sessions DESC LIMIT 10"""
    return Asked(
        f"{mode} pages{suffix}", "pages", {"mode": mode, "limit": "10", **more}, None, plain, lower, goal
    )


_US = _filter("country", "is", "US")
_IN_US = " AND country = 'US'"

SIMPLE: tuple[Asked, ...] = (
    _metrics("metrics"),
    _series("timeseries by day", "day"),
    _series("timeseries by week", "week"),
    _pages("top"),
    _pages("entry"),
    _pages("exit"),
    _list("referrers", "referrer_name"),
    _list("referrers", "utm_source"),
    _list("devices", "browser"),
    _list("geo", "country"),
    _list("geo", "city"),
)

_VIEW = "name = 'screen_view'"
_SESSION = "session_key, session_start"


def _sessions(where: str, columns: str) -> str:
    """Sessions with an event for which a filter holds, whole."""
    return f"""(SELECT {columns} FROM events WHERE {SPAN} AND ({_SESSION}) IN (
  SELECT {_SESSION} FROM events WHERE {SPAN}{where}) GROUP BY {_SESSION})"""


_LASTED = f"min(timestamp) AS began, max(timestamp) AS ended, countIf({_VIEW}) AS seen"
_OF_SESSIONS = "count(), avg(dateDiff('millisecond', began, ended)), countIf(seen = 1) / count(), avg(seen)"


def _whole(asked: Asked, plain: str) -> Asked:
    return replace(asked, plain=plain, lower=asked.plain)


def _filtered_metrics(name: str, where: str, filters: str) -> Asked:
    return _whole(
        _metrics(name, where, filters, 1),
        f"""SELECT * FROM (
  SELECT uniqExact(visitor), countIf({_VIEW}), count() FROM events WHERE {SPAN}{where}) AS e, (
  SELECT {_OF_SESSIONS} FROM {_sessions(where, _LASTED)}) AS s""",
    )


def _filtered_series(name: str, where: str, filters: str) -> Asked:
    return _whole(
        _series(name, "day", where, filters, 1),
        f"""SELECT * FROM (
  SELECT toDate(timestamp) AS bucket, uniqExact(visitor), countIf({_VIEW}), count()
  FROM events WHERE {SPAN}{where} GROUP BY bucket) AS e
LEFT JOIN (
  SELECT toDate(began) AS bucket, {_OF_SESSIONS} FROM {_sessions(where, _LASTED)} GROUP BY bucket) AS s
USING bucket ORDER BY bucket""",
    )


def _filtered_list(route: str, dimension: str, where: str, filters: str) -> Asked:
    bounced = f"{_sessions(where, _SESSION).removesuffix(')')} HAVING countIf({_VIEW}) = 1)"
    return _whole(
        _list(route, dimension, where, filters, 1),
        f"""SELECT {dimension} AS value, uniqExact(visitor) AS people, uniqExact({_SESSION}) AS sessions,
  countIf({_VIEW}), uniqExactIf(({_SESSION}), ({_SESSION}) IN {bounced}) / sessions
FROM events WHERE {SPAN}{where} GROUP BY value ORDER BY people DESC LIMIT 10""",
    )


def _filtered_pages(where: str, filters: str) -> Asked:
    views = f"{where} AND {_VIEW}"
    return _whole(
        _pages("top", where, filters, 1),
        f"""SELECT v.*, b.bounced / b.entered, t.spent FROM (
  SELECT origin, path, argMax(title, timestamp), count() AS views, uniqExact(visitor), uniqExact({_SESSION})
  FROM events WHERE {SPAN}{views} GROUP BY origin, path ORDER BY views DESC LIMIT 10) AS v
LEFT JOIN (
  SELECT entry.1 AS origin, entry.2 AS path, count() AS entered, countIf(seen = 1) AS bounced
  FROM {_sessions(where, f"argMinIf((origin, path), timestamp, {_VIEW}) AS entry, countIf({_VIEW}) AS seen")}
  GROUP BY origin, path) AS b USING (origin, path)
LEFT JOIN (
  SELECT origin, path, avg(dateDiff('millisecond', timestamp, next)) AS spent FROM (
    SELECT *, leadInFrame(timestamp) OVER (PARTITION BY {_SESSION} ORDER BY timestamp
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next
    FROM (SELECT origin, path, timestamp, {_SESSION}, country FROM events WHERE {SPAN} AND {_VIEW}))
  WHERE next > timestamp{where} GROUP BY origin, path) AS t USING (origin, path)
ORDER BY v.views DESC""",
    )


FILTERED: tuple[Asked, ...] = (
    _filtered_metrics("metrics of one country", _IN_US, _US),
    _filtered_metrics("metrics of one page", " AND path = '/'", _filter("path", "is", "/")),
    _filtered_metrics(
        "metrics of a referrer", " AND referrer_name = 'Google'", _filter("referrer_name", "is", "Google")
    ),
    _filtered_metrics(
        "metrics of a property",
        " AND JSONExtractString(properties, 'label') = 'button-7'",
        _filter("properties.label", "is", "button-7"),
    ),
    _filtered_series("timeseries by day of one country", _IN_US, _US),
    _filtered_pages(_IN_US, _US),
    _filtered_list("devices", "browser", _IN_US, _US),
    _filtered_list("referrers", "referrer_name", _IN_US, _US),
)

_STEPS = ("screen_view", "add_to_cart", "revenue")

DEEP: tuple[Asked, ...] = (
    Asked(
        "funnel of three within a day",
        "funnel",
        body={"steps": [{"name": name} for name in _STEPS], "windowSeconds": 86_400},
        plain=f"""SELECT level, count() FROM (
  SELECT visitor, windowFunnel(86400000)(toUInt64(toUnixTimestamp64Milli(timestamp)),
    {", ".join(f"name = '{name}'" for name in _STEPS)}) AS level
  FROM events WHERE {SPAN.replace("{end}", "({end} + 86400000)")} AND name IN {_STEPS} GROUP BY visitor)
GROUP BY level ORDER BY level""",
        goal=1.3,
    ),
    Asked(
        "retention by day",
        "retention",
        {"period": "day"},
        plain=f"""SELECT first, day - first AS later, count() FROM (
  SELECT visitor, groupUniqArray(toDate(timestamp)) AS days, arrayMin(days) AS first
  FROM events WHERE {SPAN} GROUP BY visitor)
ARRAY JOIN days AS day GROUP BY first, later ORDER BY first, later""",
        goal=1.3,
    ),
    Asked(
        "paths of pages",
        "paths",
        plain=f"""SELECT step, pages[step] AS page, pages[step + 1] AS next, count() AS times FROM (
  SELECT arraySlice(arrayCompact(arrayMap(each -> each.2, arraySort(groupArray((timestamp, path))))), 1, 6)
    AS pages
  FROM events WHERE {SPAN} AND name = 'screen_view' GROUP BY session_key, session_start)
ARRAY JOIN range(1, toUInt32(length(pages))) AS step
GROUP BY step, page, next ORDER BY times DESC LIMIT 100""",
    ),
)  # fmt: skip


KINDS: dict[str, tuple[Asked, ...]] = {"simple": SIMPLE, "filtered": FILTERED, "deep": DEEP}


def _tile(route: str, **parameters: str) -> Asked:
    return Asked(f"{route} {' '.join(parameters.values())}", route, parameters)


OVERVIEW: tuple[Asked, ...] = (
    _tile("metrics", compare="previous"),
    _tile("timeseries", compare="previous"),
    _tile("live"),
    _tile("pages", mode="top", limit="8"),
    _tile("referrers", dimension="referrer_name", limit="8"),
    _tile("referrers", dimension="utm_campaign", limit="8"),
    _tile("geo", dimension="country", limit="300"),
    _tile("devices", dimension="browser", limit="8"),
    _tile("breakdown", dimension="name", metrics="total_events,unique_visitors", limit="9"),
)
"""What the dashboard asks when its overview is opened; tests/browser holds it to that."""

EVERY_TAB: tuple[Asked, ...] = (
    *OVERVIEW,
    _tile("pages", mode="entry", limit="8"),
    _tile("pages", mode="exit", limit="8"),
    _tile("referrers", dimension="referrer_type", limit="8"),
    _tile("referrers", dimension="utm_source", limit="8"),
    _tile("devices", dimension="device", limit="8"),
    _tile("devices", dimension="os", limit="8"),
    _tile("geo", dimension="city", limit="8"),
)
"""The same with the tabs that lie behind others, as a dashboard without tabs would ask."""
