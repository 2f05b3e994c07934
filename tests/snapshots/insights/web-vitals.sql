SELECT toString(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), '')) AS first, toString(e.path) AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (multiSearchAny(e.properties, {p7:Array(String)}) AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))')))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY first, second
ORDER BY count() DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p8='name', values=5

SELECT count() AS events,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (multiSearchAny(e.properties, {p7:Array(String)}) AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))')))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7=['LCP', 'INP', 'CLS', 'FCP', 'TTFB']

SELECT count() AS events,
  uniqExactIf(e.visitor, e.visitor != 0) AS unique_visitors,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first_seen,
  toUnixTimestamp64Milli(max(e.timestamp)) AS last_seen,
  count(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), '')), NULL)) AS measured,
  quantileExactInclusive(0.5)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), '')), NULL)) AS p50,
  quantileExactInclusive(0.75)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), '')), NULL)) AS p75,
  quantileExactInclusive(0.95)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p11:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p11:String}, 'Nullable(String)'), '')), NULL)) AS p95,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p15:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p15:String}, 'Nullable(String)'), '')), NULL) <= transform(coalesce(JSONExtract(e.properties, {p14:String}, 'Nullable(String)'), ''), {p12:Array(String)}, {p13:Array(Float64)}, 0.)) AS good,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p19:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p19:String}, 'Nullable(String)'), '')), NULL) > transform(coalesce(JSONExtract(e.properties, {p18:String}, 'Nullable(String)'), ''), {p16:Array(String)}, {p17:Array(Float64)}, 0.)) AS poor,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (multiSearchAny(e.properties, {p7:Array(String)}) AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))')))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p8='value', p9='value', p10='value', p11='value', p12=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p13=[2500, 200, 0.1, 1800, 800], p14='name', p15='value', p16=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p17=[4000, 500, 0.25, 3000, 1800], p18='name', p19='value'

SELECT count() AS events,
  uniqExactIf(e.visitor, e.visitor != 0) AS unique_visitors,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first_seen,
  toUnixTimestamp64Milli(max(e.timestamp)) AS last_seen,
  count(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), '')), NULL)) AS measured,
  quantileExactInclusive(0.5)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), '')), NULL)) AS p50,
  quantileExactInclusive(0.75)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), '')), NULL)) AS p75,
  quantileExactInclusive(0.95)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p11:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p11:String}, 'Nullable(String)'), '')), NULL)) AS p95,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p15:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p15:String}, 'Nullable(String)'), '')), NULL) <= transform(coalesce(JSONExtract(e.properties, {p14:String}, 'Nullable(String)'), ''), {p12:Array(String)}, {p13:Array(Float64)}, 0.)) AS good,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p19:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p19:String}, 'Nullable(String)'), '')), NULL) > transform(coalesce(JSONExtract(e.properties, {p18:String}, 'Nullable(String)'), ''), {p16:Array(String)}, {p17:Array(Float64)}, 0.)) AS poor,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(coalesce(JSONExtract(e.properties, {p21:String}, 'Nullable(String)'), '')), toString(e.path)))) AS place
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (multiSearchAny(e.properties, {p7:Array(String)}) AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))')))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p8='value', p9='value', p10='value', p11='value', p12=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p13=[2500, 200, 0.1, 1800, 800], p14='name', p15='value', p16=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p17=[4000, 500, 0.25, 3000, 1800], p18='name', p19='value', places=[], p21='name'
