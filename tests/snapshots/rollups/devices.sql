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

SELECT any(r.first) AS first, any(r.second) AS second, r.key AS key,
  least(toUInt64(round(finalizeAggregation(uniqCombined64MergeState(14)(r.people)) / (1 + if(finalizeAggregation(uniqCombined64MergeState(14)(r.people)) > 40960, 0.0276 * exp((40960 - toFloat64(finalizeAggregation(uniqCombined64MergeState(14)(r.people)))) / 9740), 0)))), sum(r.visitors)) AS unique_visitors, sum(r.sessions) AS total_sessions, sum(r.views) AS total_screen_views, if(sum(r.sessions) = 0, 0, 100 * sum(r.bounces) / sum(r.sessions)) AS bounce_rate,
  length(toString(uniqCombined64MergeState(14)(r.people))) < 12288 AS exact, count() OVER () AS candidates, min(sum(if(r.ahead, r.visitors, r.events))) OVER () AS least
FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'browser' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p3:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
FROM (
SELECT 'browser' AS list, toString(e.browser) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT v.named AS list, v.value AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT DISTINCT 'browser' AS named, toString(e.browser) AS value, cityHash64(e.session_key, e.session_start) AS session
  
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')) AS v
INNER JOIN (
  SELECT cityHash64(s.session_key, s.session_start) AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')) AS s USING (session)
GROUP BY list, first, second)) AS r
WHERE r.key IN (SELECT r.key FROM (
SELECT 1 AS ahead, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows
WHERE project_id = {project:String} AND list = 'browser' AND bucket_start >= fromUnixTimestamp64Milli({first_piece:Int64}, 'UTC') AND bucket_start <= fromUnixTimestamp64Milli({last_piece:Int64}, 'UTC') AND version IN {p8:Array(UInt64)}
UNION ALL
SELECT 0 AS ahead, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM (
SELECT 'browser' AS list, toString(e.browser) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT v.named AS list, v.value AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT DISTINCT 'browser' AS named, toString(e.browser) AS value, cityHash64(e.session_key, e.session_start) AS session
  
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')) AS v
INNER JOIN (
  SELECT cityHash64(s.session_key, s.session_start) AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')) AS s USING (session)
GROUP BY list, first, second)) AS r
  GROUP BY r.key
  HAVING (sum(r.events) > 0 OR sum(r.sessions) > 0)
ORDER BY sum(if(r.ahead, r.visitors, r.events)) DESC LIMIT {most:UInt64} WITH TIES)
GROUP BY key
HAVING (sum(r.events) > 0 OR sum(r.sessions) > 0)
ORDER BY unique_visitors DESC, total_sessions DESC, total_screen_views DESC, bounce_rate DESC, first, second
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773194400000, p3=[…], first_piece=1773100800000, last_piece=1773100800000, start_a=1773187200000, end_a=1773194400000, p8=[…], most=40, limit=10, offset=0
