SELECT first, second, cityHash64(first, second) AS key, sum(unique_visitors) AS unique_visitors, sum(total_sessions) AS total_sessions, sum(total_screen_views) AS total_screen_views, sum(bounce_rate) AS bounce_rate FROM (
SELECT toString(e.browser) AS first, toString('') AS second,
  uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0) AS unique_visitors,
  0 AS total_sessions,
  countIf(e.name = 'screen_view') AS total_screen_views,
  0 AS bounce_rate
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY first, second
UNION ALL
SELECT first, second,
  0 AS unique_visitors,
  uniqExact(session) AS total_sessions,
  0 AS total_screen_views,
  100 * uniqExactIf(session, single) / uniqExact(session) AS bounce_rate
FROM (
  SELECT toString(e.browser) AS first, toString('') AS second, cityHash64(e.session_key, e.session_start) AS session,
    session IN (SELECT cityHash64(s.session_key, s.session_start) FROM sessions AS s FINAL
      WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND s.screen_views = 1) AS single
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s FINAL WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
GROUP BY first, second)
GROUP BY first, second
ORDER BY unique_visitors DESC, total_sessions DESC, total_screen_views DESC, bounce_rate DESC, first, second
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, limit=100, offset=0
