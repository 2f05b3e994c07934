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

SELECT r.key AS page
FROM (
SELECT toString(list) AS list, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
FROM rollup_rows AS r
WHERE r.project_id = {project:String} AND r.list IN ('page_exit') AND ((bucket_start, version) IN arrayZip(arrayMap(each -> fromUnixTimestamp64Milli(each, 'UTC'), {p3:Array(Int64)}), {p4:Array(UInt64)}))
UNION ALL
SELECT list, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors
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
WHERE true
GROUP BY page
HAVING sum(r.sessions) > 0
ORDER BY sum(r.sessions) DESC, any(r.second), any(r.first)
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773194400000, p3=[1773100800000], p4=[…], start_a=1773187200000, end_a=1773194400000, limit=10, offset=0

SELECT r.key AS page, any(r.first) AS path, any(r.second) AS origin,
  argMaxIf(r.title, r.titled, r.list != 'page_entry') AS title,
  sumIf(r.views, r.list = 'page') AS views, sumIf(r.sessions, r.list = 'page_exit') AS sessions,
  uniqCombined64MergeIf(14)(r.people, r.list = 'page_exit') AS estimate,
  least(toUInt64(round(estimate / (1 + if(estimate > 40960, 0.0276 * exp((40960 - toFloat64(estimate)) / 9740), 0)))), sumIf(r.visitors, r.list = 'page_exit')) AS unique_visitors,
  sumIf(r.sessions, r.list = 'page_entry') AS entered, sumIf(r.gaps, r.list = 'page') AS gaps,
  if(entered = 0, 0, 100 * sumIf(r.bounces, r.list = 'page_entry') / entered) AS bounce_rate,
  if(gaps = 0, NULL, sumIf(r.spent, r.list = 'page') / 1000 / gaps) AS avg_time_on_page
FROM (
SELECT toString(list) AS list, key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
FROM rollup_rows AS r
WHERE r.project_id = {project:String} AND r.list IN ('page_exit', 'page_entry', 'page') AND ((bucket_start, version) IN arrayZip(arrayMap(each -> fromUnixTimestamp64Milli(each, 'UTC'), {p4:Array(Int64)}), {p5:Array(UInt64)}))
UNION ALL
SELECT list, if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, first, toString(second) AS second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people
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
GROUP BY list, first, second
UNION ALL
SELECT 'page_entry' AS list, s.entry_path AS first, toString(s.entry_origin) AS second, argMaxIf(s.entry_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.entry_time)), 64) + s.entry_arrival, s.entry_title != '') AS title,
  maxIf(s.entry_time, s.entry_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second
UNION ALL
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
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT 'page' AS list, tupleElement(step.1, 2) AS first, tupleElement(step.1, 1) AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, count() AS gaps, toUInt64(sum(step.2)) AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT groupArray(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival) AS at,
    arrayMap(each -> toInt64(bitShiftRight(each, 64)), arraySort(at)) AS times,
    arraySort((each, order) -> order, groupArray((toString(e.origin), e.path)), at) AS pages,
    arraySort((each, order) -> order, groupArray(e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')), at) AS counted,
    arrayJoin(arrayFilter((step, counts) -> counts,
      arrayZip(arrayPopBack(pages), arrayPopFront(arrayDifference(times))), arrayPopBack(counted))) AS step
  FROM events AS e FINAL
  PREWHERE e.name = 'screen_view'
  WHERE e.project_id = {project:String} AND e.session_key != 0
    AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start_a:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start_a:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end_a:Int64}, 'UTC'))
  GROUP BY cityHash64(e.session_key, e.session_start)
  HAVING length(at) > 1)
GROUP BY list, first, second)) AS r
WHERE r.key IN {p3:Array(UInt64)}
GROUP BY page
HAVING sessions > 0
ORDER BY sessions DESC, origin, path;
-- project='…', start=1773100800000, end=1773194400000, p3=[…], p4=[1773100800000], p5=[…], start_a=1773187200000, end_a=1773194400000
