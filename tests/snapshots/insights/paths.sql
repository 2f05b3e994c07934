SELECT toUInt32(toDate(s.session_start)) AS day, sum(s.events) AS events,
  toUnixTimestamp64Milli(max(s.session_end)) AS until,
  countIf(s.screen_views > {robot:UInt32}) AS robots
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY day
ORDER BY day;
-- project='…', start=1773100800000, end=1773187200000, robot=10000

SELECT step, name, count() AS sessions
FROM (
SELECT first AS low, least(last, first + {depth:UInt32} - 1) AS high, arraySlice(walk, low, high - low + 1) AS names, low = 1 AS began, high = length(walk) AS ended
FROM (
SELECT walk, 1 AS first, length(walk) AS last FROM (
SELECT arrayCompact(arraySort((name, place) -> place, groupArray({robot:UInt64})(cityHash64(e.path)), groupArray({robot:UInt64})(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival))) AS walk
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY e.session_key, e.session_start
HAVING count() BETWEEN 1 AND {robot:UInt64})
WHERE first > 0 AND last > 0))
ARRAY JOIN names AS name, arrayEnumerate(names) AS step
GROUP BY step, name
ORDER BY step, sessions DESC, name
LIMIT {most:UInt64} BY step;
-- project='…', start=1773100800000, end=1773187200000, depth=5, robot=10000, until=1773188999991, most=1000

SELECT cityHash64(e.path) AS hash, any(e.path) AS name
FROM events AS e
PREWHERE cityHash64(e.path) IN {p3:Array(UInt64)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.name = 'screen_view'
GROUP BY hash;
-- project='…', start=1773100800000, end=1773187200000, p3=[17854009215874235065], until=1773188999991

SELECT step, place, following, count() AS sessions,
  countIf(began AND number = 1) AS entered, countIf(ended AND following = toInt16(-2)) AS dropped
FROM (
SELECT began, ended, arrayEnumerate(names) AS numbers,
  arrayMap((name, step) -> if(name = 0, toInt16(-1), transform(bitXor(name, toUInt64(step) * {spread:UInt64}), {keys:Array(UInt64)}, {places:Array(Int16)}, toInt16(0))),
    names, numbers) AS places
FROM (
SELECT first AS low, least(last, first + {depth:UInt32} - 1) AS high, arraySlice(walk, low, high - low + 1) AS names, low = 1 AS began, high = length(walk) AS ended
FROM (
SELECT walk, 1 AS first, length(walk) AS last FROM (
SELECT arrayCompact(arraySort((name, place) -> place, groupArray({robot:UInt64})(cityHash64(e.path)), groupArray({robot:UInt64})(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival))) AS walk
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY e.session_key, e.session_start
HAVING count() BETWEEN 1 AND {robot:UInt64})
WHERE first > 0 AND last > 0)))
ARRAY JOIN numbers AS step, places AS place, arrayEnumerate(places) AS number,
  arrayPushBack(arrayPopFront(places), toInt16(-2)) AS following
GROUP BY step, place, following;
-- project='…', start=1773100800000, end=1773187200000, keys=[7633978986077456044], places=[1], spread=11400714819323198485, depth=5, robot=10000, until=1773188999991
