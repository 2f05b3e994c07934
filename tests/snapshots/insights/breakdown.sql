SELECT first, second, cityHash64(first, second) AS key, sum(total_events) AS total_events, sum(avg_session_duration) AS avg_session_duration FROM (
SELECT toString(e.country) AS first, toString(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '')) AS second,
  count() AS total_events,
  0 AS avg_session_duration
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY first, second
UNION ALL
SELECT v.first AS first, v.second AS second,
  0 AS total_events,
  if(count() = 0, 0, sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)) / 1000 / count()) AS avg_session_duration
FROM (
  SELECT DISTINCT toString(e.country) AS first, toString(coalesce(JSONExtract(e.properties, {p5:String}, 'Nullable(String)'), '')) AS second, cityHash64(e.session_key, e.session_start) AS session
  
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS v
INNER JOIN (
  SELECT cityHash64(s.session_key, s.session_start) AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS s USING (session)
GROUP BY first, second)
GROUP BY first, second
ORDER BY total_events DESC, avg_session_duration DESC, first, second
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4='plan', p5='plan', limit=100, offset=0
