SELECT toString(v.a) AS first, toString(v.b) AS second, cityHash64(first, second) AS key,
  v.unique_visitors AS unique_visitors, v.total_sessions AS total_sessions, v.total_screen_views AS total_screen_views, v.bounce_rate AS bounce_rate
FROM (
SELECT e.browser AS a, '' AS b,
  uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0 AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS unique_visitors,
  uniqExactIf(cityHash64(e.session_key, e.session_start), (e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
    AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))) AS total_sessions,
  countIf(e.name = 'screen_view' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS total_screen_views,
  if(uniqExactIf(cityHash64(e.session_key, e.session_start), (e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
    AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))) = 0, 0, 100 * uniqExactIf(cityHash64(e.session_key, e.session_start), (e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
    AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AND cityHash64(e.session_key, e.session_start) IN (SELECT cityHash64(s.session_key, s.session_start) FROM sessions AS s FINAL
    WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND s.screen_views = 1)) / uniqExactIf(cityHash64(e.session_key, e.session_start), (e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
    AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))) AS bounce_rate
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(greatest(fromUnixTimestamp64Milli({end:Int64}, 'UTC'), (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < greatest(fromUnixTimestamp64Milli({end:Int64}, 'UTC'), (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
GROUP BY a, b
HAVING countIf(e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) > 0 OR countIf((e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
    AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))) > 0) AS v
ORDER BY unique_visitors DESC, total_sessions DESC, total_screen_views DESC, bounce_rate DESC, first, second
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, limit=100, offset=0
