SELECT toUInt32(toDate(s.session_start)) AS day, sum(s.events) AS events,
  toUnixTimestamp64Milli(max(s.session_end)) AS until,
  countIf(s.screen_views > {robot:UInt32}) AS robots
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY day
ORDER BY day;
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='plan', p5=['pro', '5'], p6=[5.0], p7=['pro', '5'], p8='^/a', robot=10000

SELECT step, name, count() AS sessions
FROM (
SELECT greatest(1, toInt64(last) - {depth:UInt32} + 1) AS low, last AS high, arraySlice(walk, low, high - low + 1) AS names, low = 1 AS began, high = length(walk) AS ended
FROM (
SELECT walk, 1 AS first, if(indexOf(walk, cityHash64({to:String})) = 0, 0, 0 + indexOf(walk, cityHash64({to:String}))) AS last FROM (
SELECT arrayCompact(arraySort((name, place) -> place, groupArrayIf({robot:UInt64})(cityHash64(e.path), e.name = 'screen_view'), groupArrayIf({robot:UInt64})(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.name = 'screen_view'))) AS walk
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY e.session_key, e.session_start
HAVING countIf(e.name = 'screen_view') BETWEEN 1 AND {robot:UInt64} AND max((NOT (e.utm_source IN {p3:Array(String)}) AND ((coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR ifNull(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '')), NULL) IN {p6:Array(Float64)}, false) OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p7:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))) OR (match(e.path, {p8:String}))))))
WHERE first > 0 AND last > 0))
ARRAY JOIN names AS name, arrayMap(each -> toUInt32(length(names) - each), arrayEnumerate(names)) AS step
GROUP BY step, name
ORDER BY step, sessions DESC, name
LIMIT {most:UInt64} BY step;
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='plan', p5=['pro', '5'], p6=[5.0], p7=['pro', '5'], p8='^/a', depth=5, robot=10000, until=1773188999991, to='/pricing', most=1000
