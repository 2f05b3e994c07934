SELECT toString(coalesce(JSONExtract(e.properties, {p7:String}, 'Nullable(String)'), '')) AS first, toString(e.path) AS second, cityHash64(first, second) AS key
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY first, second
ORDER BY count() DESC, first, second
LIMIT {values:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7='name', values=5

SELECT count() AS events,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB']

SELECT count() AS events,
  uniqExactIf(e.visitor, e.visitor != 0) AS unique_visitors,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first_seen,
  toUnixTimestamp64Milli(max(e.timestamp)) AS last_seen,
  count(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p7:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p7:String}, 'Nullable(String)'), '')), NULL)) AS measured,
  quantileExactInclusive(0.5)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), '')), NULL)) AS p50,
  quantileExactInclusive(0.75)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), '')), NULL)) AS p75,
  quantileExactInclusive(0.95)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), '')), NULL)) AS p95,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p14:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p14:String}, 'Nullable(String)'), '')), NULL) <= transform(coalesce(JSONExtract(e.properties, {p13:String}, 'Nullable(String)'), ''), {p11:Array(String)}, {p12:Array(Float64)}, 0.)) AS good,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p18:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p18:String}, 'Nullable(String)'), '')), NULL) > transform(coalesce(JSONExtract(e.properties, {p17:String}, 'Nullable(String)'), ''), {p15:Array(String)}, {p16:Array(Float64)}, 0.)) AS poor,
  '' AS key,
  toInt64(-1) AS place
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7='value', p8='value', p9='value', p10='value', p11=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p12=[2500, 200, 0.1, 1800, 800], p13='name', p14='value', p15=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p16=[4000, 500, 0.25, 3000, 1800], p17='name', p18='value'

SELECT count() AS events,
  uniqExactIf(e.visitor, e.visitor != 0) AS unique_visitors,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first_seen,
  toUnixTimestamp64Milli(max(e.timestamp)) AS last_seen,
  count(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p7:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p7:String}, 'Nullable(String)'), '')), NULL)) AS measured,
  quantileExactInclusive(0.5)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p8:String}, 'Nullable(String)'), '')), NULL)) AS p50,
  quantileExactInclusive(0.75)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p9:String}, 'Nullable(String)'), '')), NULL)) AS p75,
  quantileExactInclusive(0.95)(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p10:String}, 'Nullable(String)'), '')), NULL)) AS p95,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p14:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p14:String}, 'Nullable(String)'), '')), NULL) <= transform(coalesce(JSONExtract(e.properties, {p13:String}, 'Nullable(String)'), ''), {p11:Array(String)}, {p12:Array(Float64)}, 0.)) AS good,
  countIf(if(isFinite(toFloat64OrNull(coalesce(JSONExtract(e.properties, {p18:String}, 'Nullable(String)'), ''))), toFloat64OrNull(coalesce(JSONExtract(e.properties, {p18:String}, 'Nullable(String)'), '')), NULL) > transform(coalesce(JSONExtract(e.properties, {p17:String}, 'Nullable(String)'), ''), {p15:Array(String)}, {p16:Array(Float64)}, 0.)) AS poor,
  '' AS key,
  toInt64(indexOf({places:Array(UInt64)}, cityHash64(toString(coalesce(JSONExtract(e.properties, {p20:String}, 'Nullable(String)'), '')), toString(e.path)))) AS place
FROM events AS e FINAL
PREWHERE (e.name IN {p3:Array(String)} AND (coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), '') IN {p5:Array(String)} OR startsWith(coalesce(JSONExtract(e.properties, {p4:String}, 'Nullable(String)'), ''), '[') AND arrayExists(member -> member IN {p6:Array(String)}, JSONExtract(e.properties, {p4:String}, 'Array(Nullable(String))'))))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND true
GROUP BY GROUPING SETS ((key, place));
-- project='…', start=1773100800000, end=1773187200000, p3=['web_vital'], p4='name', p5=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p6=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p7='value', p8='value', p9='value', p10='value', p11=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p12=[2500, 200, 0.1, 1800, 800], p13='name', p14='value', p15=['LCP', 'INP', 'CLS', 'FCP', 'TTFB'], p16=[4000, 500, 0.25, 3000, 1800], p17='name', p18='value', places=[], p20='name'
