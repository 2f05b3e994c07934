SELECT place, toUInt16(cohort) AS cohort, arrayJoin(if(arrayMax(arrayMap(bit -> toUInt16(bit), bitPositionsToArray(returns))) > cohort, [cohort, arrayMax(arrayMap(bit -> toUInt16(bit), bitPositionsToArray(returns)))], [cohort])) AS at, count() AS people
FROM (SELECT place, began - 1 AS cohort, returns FROM (
SELECT person, -1 AS place, began, returns FROM (
SELECT if(i.person = 0, n.node, i.person) AS person, min(n.began) AS began, groupBitOr(n.returns) AS returns
FROM (
SELECT e.visitor AS node, min(if(e.name IN {p7:Array(String)}, if(e.timestamp < fromUnixTimestamp64Milli({start:Int64}, 'UTC'), toUInt16(0), toUInt16(toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})) + 1)), {nowhere:UInt16})) AS began, groupBitOr(if((e.utm_source IN {p8:Array(String)}) AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC'), bitShiftLeft(toUInt64(1), toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16}))), toUInt64(0))) AS returns
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({since:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (e.name IN {p7:Array(String)} OR (e.utm_source IN {p8:Array(String)}))
  AND e.visitor != 0
GROUP BY node) AS n
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = n.node
GROUP BY person)
WHERE began BETWEEN 1 AND {buckets:UInt16}))
GROUP BY place, cohort, at;
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], last=0, length=1125899906842624, first=1773014400000, p7=['signup'], p8=['news'], nowhere=2, since=0, buckets=1

SELECT toString(e.country) AS first, toString('') AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE ((e.path IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY first, second
ORDER BY uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0) DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], p4=['signup'], values=10

SELECT place, toUInt16(cohort) AS cohort, arrayJoin(if(arrayMax(arrayMap(bit -> toUInt16(bit), bitPositionsToArray(returns))) > cohort, [cohort, arrayMax(arrayMap(bit -> toUInt16(bit), bitPositionsToArray(returns)))], [cohort])) AS at, count() AS people
FROM (SELECT place, began - 1 AS cohort, returns FROM (
SELECT person, entry.1 AS place, entry.2 AS began, returns FROM (
SELECT person, groupArrayIf((place, began), began BETWEEN 1 AND {buckets:UInt16}) AS entries,
  groupBitOr(returns) AS returns
FROM (
SELECT if(i.person = 0, n.node, i.person) AS person, place, min(n.began) AS began, groupBitOr(n.returns) AS returns
FROM (
SELECT e.visitor AS node, toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.country), ''))) AS place, min(if(e.name IN {p7:Array(String)}, if(e.timestamp < fromUnixTimestamp64Milli({start:Int64}, 'UTC'), toUInt16(0), toUInt16(toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})) + 1)), {nowhere:UInt16})) AS began, groupBitOr(if((e.utm_source IN {p8:Array(String)}) AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC'), bitShiftLeft(toUInt64(1), toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16}))), toUInt64(0))) AS returns
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({since:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (e.name IN {p7:Array(String)} OR (e.utm_source IN {p8:Array(String)}))
  AND e.visitor != 0
GROUP BY node, place) AS n
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = n.node
GROUP BY person, place) GROUP BY person) ARRAY JOIN entries AS entry))
GROUP BY place, cohort, at;
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], last=0, length=1125899906842624, first=1773014400000, p7=['signup'], p8=['news'], buckets=1, places=[], nowhere=2, since=0
