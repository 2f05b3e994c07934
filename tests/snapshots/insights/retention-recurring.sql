SELECT place, toUInt16(cohort) AS cohort, arrayJoin(arrayPushFront(arrayFilter(each -> each > cohort, arrayMap(bit -> toUInt16(bit), bitPositionsToArray(returns))), cohort)) AS at, sum(alike) AS people
FROM (
SELECT place, arrayJoin(arrayMap(bit -> toUInt16(bit), bitPositionsToArray(starts))) AS cohort, returns, alike FROM (
SELECT place, starts, returns, count() AS alike FROM (
SELECT person, -1 AS place, starts, returns FROM (
SELECT if(i.person = 0, n.node, i.person) AS person, groupBitOr(n.starts) AS starts, groupBitOr(n.returns) AS returns
FROM (
SELECT e.visitor AS node, groupBitOr(if((e.path IN {p6:Array(String)}), bitShiftLeft(toUInt64(1), toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16}))), toUInt64(0))) AS starts, groupBitOr(bitShiftLeft(toUInt64(1), toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})))) AS returns
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.visitor != 0
GROUP BY node) AS n
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = n.node
GROUP BY person)
WHERE starts != 0)
GROUP BY place, starts, returns))
GROUP BY place, cohort, at;
-- project='…', start=1773100800000, end=1773187200000, last=0, length=1125899906842624, first=1772323200000, p6=['/pricing']
