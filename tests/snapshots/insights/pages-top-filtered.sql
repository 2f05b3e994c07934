SELECT cityHash64(e.origin, e.path) AS page, any(e.origin) AS origin, any(e.path) AS path
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (NOT (e.utm_source IN {p3:Array(String)}) AND ((coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR ifNull(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '')), NULL) IN {p6:Array(Float64)}, false) OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p7:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))) OR (match(e.path, {p8:String}))))
GROUP BY page
ORDER BY count() DESC, origin, path
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], p4='plan', p5=['pro', '5'], p6=[5.0], p7=['pro', '5'], p8='^/a', limit=100, offset=0
