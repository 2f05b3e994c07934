WITH (
  SELECT (groupArray(hour), groupArray(count)) FROM touches
  WHERE project_id = {project:String} AND hour >= intDiv({start:Int64}, 3600000)
    AND hour <= intDiv({end:Int64}, 3600000)) AS t
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted
FROM rollup_lists AS r
WHERE r.project_id = {project:String} AND r.whole_day = {days:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = arraySum((hour, count) -> if(
    hour >= intDiv(first, 3600000) AND hour < intDiv(last + 3599999, 3600000), count, 0), t.1, t.2);
-- project='…', days=1, start=1773100800000, end=1773194400000

WITH (
  SELECT (groupArray(hour), groupArray(count)) FROM touches
  WHERE project_id = {project:String} AND hour >= intDiv({start:Int64}, 3600000)
    AND hour <= intDiv({end:Int64}, 3600000)) AS t
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted
FROM rollup_lists AS r
WHERE r.project_id = {project:String} AND r.whole_day = {days:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = arraySum((hour, count) -> if(
    hour >= intDiv(first, 3600000) AND hour < intDiv(last + 3599999, 3600000), count, 0), t.1, t.2);
-- project='…', days=0, start=1773187200000, end=1773194400000

SELECT p.page AS page, any(p.path) AS path, any(p.origin) AS origin,
  argMax(p.title, p.titled) AS title, sum(p.views) AS views, sum(p.sessions) AS sessions,
  least(toUInt64(round(finalizeAggregation(uniqCombined64MergeState(14)(p.people)) / (1 + if(finalizeAggregation(uniqCombined64MergeState(14)(p.people)) > 40960, 0.0276 * exp((40960 - toFloat64(finalizeAggregation(uniqCombined64MergeState(14)(p.people)))) / 9740), 0)))), sum(p.visitors)) AS unique_visitors,
  if(sum(p.entered) = 0, 0, 100 * sum(p.bounced) / sum(p.entered)) AS bounce_rate,
  if(sum(p.gaps) = 0, NULL, sum(p.spent) / 1000 / sum(p.gaps)) AS avg_time_on_page,
  length(toString(uniqCombined64MergeState(14)(p.people))) < 12288 AS exact
FROM (
SELECT r.key AS page, r.first AS path, r.second AS origin, r.title AS title, r.titled AS titled,
  0 AS views, r.sessions AS sessions, r.visitors AS visitors, 0 AS entered, 0 AS bounced, 0 AS gaps, 0 AS spent, r.people AS people
FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'page_exit' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p9:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
FROM (
SELECT 'page_exit' AS list, s.exit_path AS first, toString(s.exit_origin) AS second, argMaxIf(s.exit_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.exit_time)), 64) + s.exit_arrival, s.exit_title != '') AS title,
  maxIf(s.exit_time, s.exit_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second)) AS r
WHERE r.key IN (SELECT * FROM (SELECT r.key FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'page_exit' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p4:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM (
SELECT 'page_exit' AS list, s.exit_path AS first, toString(s.exit_origin) AS second, argMaxIf(s.exit_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.exit_time)), 64) + s.exit_arrival, s.exit_title != '') AS title,
  maxIf(s.exit_time, s.exit_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second)) AS r
  GROUP BY r.key
  ORDER BY sum(r.sessions) DESC LIMIT {most:UInt64} WITH TIES))
UNION ALL
SELECT r.key AS page, r.first AS path, r.second AS origin, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS views, 0 AS sessions, 0 AS visitors, r.sessions AS entered, r.bounces AS bounced, 0 AS gaps, 0 AS spent, (SELECT uniqCombined64StateIf(14)(toUInt64(0), 0)) AS people
FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'page_entry' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p10:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM (
SELECT 'page_entry' AS list, s.entry_path AS first, toString(s.entry_origin) AS second, argMaxIf(s.entry_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.entry_time)), 64) + s.entry_arrival, s.entry_title != '') AS title,
  maxIf(s.entry_time, s.entry_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second)) AS r
WHERE r.key IN (SELECT * FROM (SELECT r.key FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'page_exit' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p4:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM (
SELECT 'page_exit' AS list, s.exit_path AS first, toString(s.exit_origin) AS second, argMaxIf(s.exit_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.exit_time)), 64) + s.exit_arrival, s.exit_title != '') AS title,
  maxIf(s.exit_time, s.exit_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second)) AS r
  GROUP BY r.key
  ORDER BY sum(r.sessions) DESC LIMIT {most:UInt64} WITH TIES))
UNION ALL
SELECT r.key AS page, r.first AS path, r.second AS origin, r.title AS title, r.titled AS titled,
  r.views AS views, 0 AS sessions, 0 AS visitors, 0 AS entered, 0 AS bounced, r.gaps AS gaps, r.spent AS spent, (SELECT uniqCombined64StateIf(14)(toUInt64(0), 0)) AS people
FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'page' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p11:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM (
SELECT 'page' AS list, e.path AS first, toString(e.origin) AS second, argMaxIf(e.title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.title != '') AS title,
  maxIf(e.timestamp, e.title != '') AS titled,
  count() AS events, count() AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT 'page' AS list, e.path AS first, toString(e.origin) AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, uniqExact(cityHash64(e.session_key, e.session_start)) AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT 'page' AS list, tupleElement(step.1, 2) AS first, tupleElement(step.1, 1) AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, count() AS gaps, toUInt64(sum(step.2)) AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT arraySort(groupArray((toUnixTimestamp64Milli(e.timestamp), e.arrival, (toString(e.origin), e.path),
      e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND true))) AS seen,
    arrayJoin(arrayFilter((step, counted) -> counted,
      arrayMap((view, next) -> (view.3, next.1 - view.1), arrayPopBack(seen), arrayPopFront(seen)),
      arrayMap(view -> view.4, arrayPopBack(seen)))) AS step
  FROM events AS e FINAL
  PREWHERE e.name = 'screen_view'
  WHERE e.project_id = {project:String} AND e.session_key != 0
    AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e FINAL
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e FINAL
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e FINAL
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e FINAL
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  GROUP BY cityHash64(e.session_key, e.session_start)
  HAVING length(seen) > 1)
GROUP BY list, first, second)) AS r
WHERE r.key IN (SELECT * FROM (SELECT r.key FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'page_exit' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p4:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM (
SELECT 'page_exit' AS list, s.exit_path AS first, toString(s.exit_origin) AS second, argMaxIf(s.exit_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.exit_time)), 64) + s.exit_arrival, s.exit_title != '') AS title,
  maxIf(s.exit_time, s.exit_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second)) AS r
  GROUP BY r.key
  ORDER BY sum(r.sessions) DESC LIMIT {most:UInt64} WITH TIES))) AS p
GROUP BY page
HAVING sessions > 0
ORDER BY sessions DESC, origin, path
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773194400000, most=10, p4=[…], first_piece=1773100800000, last_piece=1773100800000, start_a=1773187200000, end_a=1773194400000, p9=[…], p10=[…], p11=[…], limit=10, offset=0
