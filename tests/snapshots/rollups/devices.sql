WITH (
  SELECT arrayPushFront(arrayCumSum(groupArray(t.touched)), 0) FROM (
    SELECT hour, sum(count) AS touched FROM touches
    WHERE project_id = {project:String} AND hour >= {from:UInt32} AND hour < {to:UInt32}
    GROUP BY hour ORDER BY hour WITH FILL FROM {from:UInt32} TO {to:UInt32}) AS t) AS until
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted, r.grain AS grain, argMax(r.sizes, r.version) AS sizes
FROM rollup_lists AS r
WHERE r.project_id = {project:String} AND r.grain >= {finest:UInt8} AND r.grain <= {longest:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.grain, r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = until[intDiv(last + 3599999, 3600000) - {from:UInt32} + 1]
  - until[intDiv(first, 3600000) - {from:UInt32} + 1];
-- project='…', finest=1, longest=3, start=1773100800000, end=1773194400000, from=492528, to=492554

WITH (
  SELECT arrayPushFront(arrayCumSum(groupArray(t.touched)), 0) FROM (
    SELECT hour, sum(count) AS touched FROM touches
    WHERE project_id = {project:String} AND hour >= {from:UInt32} AND hour < {to:UInt32}
    GROUP BY hour ORDER BY hour WITH FILL FROM {from:UInt32} TO {to:UInt32}) AS t) AS until
SELECT toUnixTimestamp64Milli(r.bucket_start) AS first, toUnixTimestamp64Milli(r.bucket_end) AS last,
  max(r.version) AS newest, argMax(r.events, r.version) AS counted, r.grain AS grain, argMax(r.sizes, r.version) AS sizes
FROM rollup_lists AS r
WHERE r.project_id = {project:String} AND r.grain >= {finest:UInt8} AND r.grain <= {longest:UInt8}
  AND r.bucket_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.bucket_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND r.bucket_end <= fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY r.grain, r.bucket_start, r.bucket_end
HAVING argMax(r.touched, r.version) = until[intDiv(last + 3599999, 3600000) - {from:UInt32} + 1]
  - until[intDiv(first, 3600000) - {from:UInt32} + 1];
-- project='…', finest=0, longest=0, start=1773187200000, end=1773194400000, from=492552, to=492554

SELECT r.key AS key, any(r.first) AS first, any(r.second) AS second,
  uniqCombined64Merge(14)(r.people) AS estimate, least(toUInt64(round(estimate / (1 + if(estimate > 40960, 0.0276 * exp((40960 - toFloat64(estimate)) / 9740), 0)))), sum(r.visitors)) AS unique_visitors, sum(r.sessions) AS total_sessions, sum(r.views) AS total_screen_views, if(sum(r.sessions) = 0, 0, 100 * sum(r.bounces) / sum(r.sessions)) AS bounce_rate
FROM (
SELECT toString(list) AS list, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
FROM rollup_rows AS r
WHERE r.project_id = {project:String} AND r.list IN ('browser') AND ((bucket_start, version) IN arrayZip(arrayMap(each -> fromUnixTimestamp64Milli(each, 'UTC'), {p3:Array(Int64)}), {p4:Array(UInt64)}))
UNION ALL
SELECT list, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
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
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
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
WHERE true
GROUP BY key
HAVING (sum(r.events) > 0 OR sum(r.sessions) > 0)
ORDER BY unique_visitors DESC, total_sessions DESC, total_screen_views DESC, bounce_rate DESC, first, second
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773194400000, p3=[1773100800000], p4=[…], start_a=1773187200000, end_a=1773194400000, limit=10, offset=0
