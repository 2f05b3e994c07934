SELECT cityHash64(s.exit_origin, s.exit_path) AS page, any(s.exit_origin) AS origin, any(s.exit_path) AS path
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY page
ORDER BY count() DESC, origin, path
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, limit=100, offset=0

SELECT p.page AS page,
  max(p.path) AS path, max(p.origin) AS origin, argMax(p.title, p.titled) AS title,
  sum(p.views) AS views, sum(p.sessions) AS sessions, sum(p.people) AS unique_visitors,
  if(sum(p.entered) = 0, 0, 100 * sum(p.bounced) / sum(p.entered)) AS bounce_rate,
  if(sum(p.gaps) = 0, NULL, sum(p.spent) / 1000 / sum(p.gaps)) AS avg_time_on_page
FROM (
SELECT cityHash64(e.origin, e.path) AS page, any(e.origin) AS origin, any(e.path) AS path,
  argMaxIf(e.title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.title != '') AS title, maxIf(e.timestamp, e.title != '') AS titled,
  count() AS views, 0 AS sessions, 0 AS people, 0 AS entered, 0 AS bounced, 0 AS gaps, 0 AS spent
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
  AND cityHash64(e.origin, e.path) IN {p5:Array(UInt64)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY page
UNION ALL
SELECT step.1 AS page, '' AS origin, '' AS path, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS views, 0 AS sessions, 0 AS people, 0 AS entered, 0 AS bounced, count() AS gaps, sum(step.2) AS spent
FROM (
  SELECT groupArray(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival) AS at,
    arrayMap(each -> toInt64(bitShiftRight(each, 64)), arraySort(at)) AS times,
    arraySort((each, order) -> order, groupArray(cityHash64(e.origin, e.path)), at) AS pages,
    arraySort((each, order) -> order, groupArray(e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')), at) AS counted,
    arrayJoin(arrayFilter((step, counts) -> counts,
      arrayZip(arrayPopBack(pages), arrayPopFront(arrayDifference(times))), arrayPopBack(counted))) AS step
  FROM events AS e FINAL
  PREWHERE e.name = 'screen_view'
  WHERE e.project_id = {project:String} AND e.session_key != 0
    AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  GROUP BY cityHash64(e.session_key, e.session_start)
  HAVING length(at) > 1)
WHERE page IN {p6:Array(UInt64)}
GROUP BY page
UNION ALL
SELECT cityHash64(s.entry_origin, s.entry_path) AS page, '' AS origin, '' AS path, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS views, 0 AS sessions, 0 AS people, count() AS entered, countIf(s.screen_views = 1) AS bounced, 0 AS gaps, 0 AS spent
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND s.screen_views > 0 AND page IN {p7:Array(UInt64)}
GROUP BY page
UNION ALL
SELECT cityHash64(s.exit_origin, s.exit_path) AS page,
  any(s.exit_origin) AS origin, any(s.exit_path) AS path,
  argMaxIf(s.exit_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.exit_time)), 64) + s.exit_arrival, s.exit_title != '') AS title,
  maxIf(s.exit_time, s.exit_title != '') AS titled,
  0 AS views, count() AS sessions, uniqExactIf(s.visitor, s.visitor != 0) AS people, 0 AS entered, 0 AS bounced, 0 AS gaps, 0 AS spent
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND s.screen_views > 0 AND page IN {p8:Array(UInt64)}
GROUP BY page) AS p
GROUP BY page
HAVING sessions > 0;
-- project='…', start=1773100800000, end=1773187200000, limit=100, offset=0, p5=[1822632627009785912], p6=[1822632627009785912], p7=[1822632627009785912], p8=[1822632627009785912]
