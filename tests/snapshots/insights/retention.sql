SELECT place, toUInt16(cohort) AS cohort, arrayJoin(arrayPushFront(arrayFilter(each -> each > cohort, arrayMap(bit -> toUInt16(bit), bitPositionsToArray(returns))), cohort)) AS at, count() AS people
FROM (SELECT place, began - 1 AS cohort, returns FROM (
SELECT node AS person, -1 AS place, began, returns FROM (
SELECT e.visitor AS node, min(if(true, toUInt16(toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})) + 1), {nowhere:UInt16})) AS began, groupBitOr(bitShiftLeft(toUInt64(1), toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})))) AS returns
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.visitor != 0
GROUP BY node)
WHERE began BETWEEN 1 AND {buckets:UInt16}))
GROUP BY place, cohort, at;
-- project='…', start=1773100800000, end=1773187200000, last=0, length=1125899906842624, first=1773100800000, nowhere=2, buckets=1
