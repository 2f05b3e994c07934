SELECT uniqExactIf(e.visitor, e.visitor != 0) AS unique_visitors,
  countIf(e.name = 'screen_view') AS total_screen_views,
  count() AS total_events
FROM events AS e FINAL
PREWHERE (e.visitor IN (
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM (
  SELECT if(di.person = 0, d.visitor, di.person) AS person
  FROM events AS d FINAL
  LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS di
    ON di.node = d.visitor
  PREWHERE d.name = {p4:String}
  WHERE d.project_id = {project:String}
    AND d.visitor != 0
    AND (d.utm_source IN {p3:Array(String)})
    AND toDate(d.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(d.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
    AND d.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND d.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  GROUP BY person
  HAVING count() >= {p5:UInt64}) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS n
    ON n.person = p.person) AND NOT (e.visitor IN (
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM (
  SELECT if(di.person = 0, d.visitor, di.person) AS person
  FROM events AS d
  LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS di
    ON di.node = d.visitor
  PREWHERE d.name = {p6:String}
  WHERE d.project_id = {project:String}
    AND d.visitor != 0
  GROUP BY person) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS n
    ON n.person = p.person)))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC');
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='buy', p5=2, p6='refund'

SELECT count() AS total_sessions,
  if(count() = 0, 0, sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)) / 1000 / count()) AS avg_session_duration,
  if(count() = 0, 0, 100 * countIf(s.screen_views = 1) / count()) AS bounce_rate,
  if(count() = 0, 0, sum(s.screen_views) / count()) AS views_per_session
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
PREWHERE (e.visitor IN (
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM (
  SELECT if(di.person = 0, d.visitor, di.person) AS person
  FROM events AS d FINAL
  LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS di
    ON di.node = d.visitor
  PREWHERE d.name = {p4:String}
  WHERE d.project_id = {project:String}
    AND d.visitor != 0
    AND (d.utm_source IN {p3:Array(String)})
    AND toDate(d.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(d.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
    AND d.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND d.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  GROUP BY person
  HAVING count() >= {p5:UInt64}) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS n
    ON n.person = p.person) AND NOT (e.visitor IN (
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM (
  SELECT if(di.person = 0, d.visitor, di.person) AS person
  FROM events AS d
  LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS di
    ON di.node = d.visitor
  PREWHERE d.name = {p6:String}
  WHERE d.project_id = {project:String}
    AND d.visitor != 0
  GROUP BY person) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS n
    ON n.person = p.person)))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='buy', p5=2, p6='refund'
