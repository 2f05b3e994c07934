SELECT toUnixTimestamp(toStartOfHour(e.timestamp)) AS hour, count() AS found
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY hour
ORDER BY hour DESC;
-- project='…', start=1773100800000, end=1773187200000

SELECT label, count() AS found, max(sent) AS as_text FROM (
  SELECT toString(coalesce(JSONExtract(e.properties, {p3:String}, 'Nullable(String)'), '')) AS label, ifNull(coalesce(nullIf(JSONType(e.properties, {p4:String}), 'Null')) = 'String', false) AS sent, e.timestamp AS at
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  ORDER BY at DESC
  LIMIT {sample:UInt64})
WHERE label != '' AND positionCaseInsensitiveUTF8(label, {p5:String}) > 0
GROUP BY label
ORDER BY found DESC, label
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3='plan', p4='plan', p5='p', sample=200000, limit=100, offset=0
