SELECT toUInt32(toDate(s.session_start)) AS day, sum(s.events) AS events,
  toUnixTimestamp64Milli(max(s.session_end)) AS until,
  countIf(s.events > {robot:UInt32}) AS robots
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY day
ORDER BY day;
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], robot=10000

SELECT step, name, count() AS sessions
FROM (
SELECT first AS low, last AS high, if(last - first < {depth:UInt32}, arraySlice(walk, first, last - first + 1),
  arrayConcat(arraySlice(walk, first, {depth:UInt32} - 2), [toUInt64(0)], arraySlice(walk, last, 1))) AS names, low = 1 AS began, high = length(walk) AS ended
FROM (
SELECT walk, indexOf(walk, cityHash64({from:String})) AS first, if(indexOf(arraySlice(walk, first + 1), cityHash64({to:String})) = 0, 0, first + indexOf(arraySlice(walk, first + 1), cityHash64({to:String}))) AS last FROM (
SELECT arrayCompact(arraySort((name, place) -> place, groupArray({robot:UInt64})(cityHash64(e.name)), groupArray({robot:UInt64})(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival))) AS walk
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (e.utm_source IN {p3:Array(String)})
GROUP BY e.session_key, e.session_start
HAVING count() BETWEEN 1 AND {robot:UInt64})
WHERE first > 0 AND last > 0))
ARRAY JOIN names AS name, arrayEnumerate(names) AS step
GROUP BY step, name
ORDER BY step, sessions DESC, name
LIMIT {most:UInt64} BY step;
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], depth=4, robot=10000, until=1773188999991, from='screen_view', to='buy', most=1000
