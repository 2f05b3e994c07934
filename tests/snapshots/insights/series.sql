SELECT count() AS numbers,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render']

SELECT toString(e.country) AS first, toString('') AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY first, second
ORDER BY count() DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render'], p5='s', values=5

SELECT toString(e.country) AS first, toString('') AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY first, second
ORDER BY uniqExact(cityHash64(e.session_key, e.session_start)) DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render'], values=5

SELECT quantileExactInclusive({p6:Float64})(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p5:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p5:String}, 'Nullable(String)'), '')), NULL)) AS n0,
  '' AS key,
  toInt64(-1) AS place,
  roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render'], p5='s', p6=0.95, buckets=[1773100800000]

SELECT quantileExactInclusive({p6:Float64})(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p5:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p5:String}, 'Nullable(String)'), '')), NULL)) AS n0,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.country), ''))) AS place,
  roundDown(toUnixTimestamp64Milli(e.timestamp), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render'], p5='s', p6=0.95, places=[], buckets=[1773100800000]

SELECT uniqExact(cityHash64(e.session_key, e.session_start)) AS n0,
  '' AS key,
  toInt64(-1) AS place,
  roundDown(toUnixTimestamp64Milli(e.session_start), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render'], buckets=[1773100800000]

SELECT uniqExact(cityHash64(e.session_key, e.session_start)) AS n0,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(e.country), ''))) AS place,
  roundDown(toUnixTimestamp64Milli(e.session_start), {buckets:Array(Int64)}) AS bucket, grouping(bucket) AS spread
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
  AND ((e.utm_source IN {p3:Array(String)}) AND e.name IN {p4:Array(String)})
GROUP BY GROUPING SETS ((key, place), (key, place, bucket));
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4=['render'], places=[], buckets=[1773100800000]
