SELECT toString(e.currency) AS first, toString('') AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.revenue != 0
GROUP BY first, second
ORDER BY countIf(e.revenue > 0) DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, values=1

SELECT toString(e.country) AS first, toString(arrayJoin(if(empty(e.groups), [''], e.groups))) AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.revenue != 0
GROUP BY first, second
ORDER BY sumIf(toInt128(ifNull(e.revenue, 0)), e.currency = {p3:String}) DESC, count() DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3='', values=5

SELECT countIf(e.revenue > 0) AS orders,
  sum(toInt128(greatest(ifNull(e.revenue, 0), 0))) AS ordered,
  countIf(e.revenue < 0) AS refunds,
  -sum(toInt128(least(ifNull(e.revenue, 0), 0))) AS refunded,
  uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0 AND e.revenue > 0) AS paying_visitors,
  toString(e.currency) AS key,
  toInt64(-1) AS place,
  roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.revenue != 0
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, buckets=[1773100800000]

SELECT countIf(e.revenue > 0) AS orders,
  sum(toInt128(greatest(ifNull(e.revenue, 0), 0))) AS ordered,
  countIf(e.revenue < 0) AS refunds,
  -sum(toInt128(least(ifNull(e.revenue, 0), 0))) AS refunded,
  uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0 AND e.revenue > 0) AS paying_visitors,
  toString(e.currency) AS key,
  arrayJoin(arrayDistinct(arrayMap(one -> toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.country), toString(one)))), if(empty(e.groups), [''], e.groups)))) AS place,
  roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.revenue != 0
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, places=[], buckets=[1773100800000]

SELECT uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0) AS unique_visitors,
  '' AS key,
  toInt64(-1) AS place,
  roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, buckets=[1773100800000]

SELECT uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0) AS unique_visitors,
  '' AS key,
  arrayJoin(arrayDistinct(arrayMap(one -> toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.country), toString(one)))), if(empty(e.groups), [''], e.groups)))) AS place,
  roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, places=[], buckets=[1773100800000]
