SELECT toString(e.utm_source) AS first, toString('') AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY first, second
ORDER BY uniqExactIf(e.visitor, e.visitor != 0 AND e.name IN {p4:Array(String)}) DESC, uniqExactIf(e.visitor, e.visitor != 0) DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy'], values=5

SELECT uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  countIf(e.name IN {p4:Array(String)}) AS total_a,
  uniqExactIf(e.visitor, e.visitor != 0 AND e.name IN {p4:Array(String)}) AS unique_a,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy']

SELECT uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  countIf(e.name IN {p4:Array(String)}) AS total_a,
  uniqExactIf(e.visitor, e.visitor != 0 AND e.name IN {p4:Array(String)}) AS unique_a,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.utm_source), ''))) AS place
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy'], places=[9378741454989253355]

SELECT uniqExactIf(cityHash64(e.session_key, e.session_start), e.name IN {p5:Array(String)}) AS converting_a,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE ((e.path IN {p3:Array(String)}) AND (e.name IN {p4:Array(String)}))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy'], p5=['buy']

SELECT uniqExactIf(cityHash64(e.session_key, e.session_start), e.name IN {p5:Array(String)}) AS converting_a,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.utm_source), ''))) AS place
FROM events AS e FINAL
PREWHERE ((e.path IN {p3:Array(String)}) AND (e.name IN {p4:Array(String)}))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy'], p5=['buy'], places=[9378741454989253355]

SELECT count() AS sessions,
  '' AS key,
  toInt64(-1) AS place
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing']

SELECT count() AS sessions,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(s.utm_source), ''))) AS place
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], places=[9378741454989253355]

SELECT sumIf(toInt128(ifNull(e.revenue, 0)), e.name IN {p5:Array(String)}) AS amount_a,
  countIf(e.revenue > 0 AND e.name IN {p5:Array(String)}) AS orders_a,
  countIf(e.name IN {p5:Array(String)}) AS rows_a,
  toString(e.currency) AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE ((e.path IN {p3:Array(String)}) AND (e.name IN {p4:Array(String)}))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.revenue != 0
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy'], p5=['buy']

SELECT sumIf(toInt128(ifNull(e.revenue, 0)), e.name IN {p5:Array(String)}) AS amount_a,
  countIf(e.revenue > 0 AND e.name IN {p5:Array(String)}) AS orders_a,
  countIf(e.name IN {p5:Array(String)}) AS rows_a,
  toString(e.currency) AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.utm_source), ''))) AS place
FROM events AS e FINAL
PREWHERE ((e.path IN {p3:Array(String)}) AND (e.name IN {p4:Array(String)}))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.revenue != 0
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['buy'], p5=['buy'], places=[9378741454989253355]
