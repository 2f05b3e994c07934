SELECT toUnixTimestamp(toStartOfHour(e.timestamp)) AS hour, count() AS found
FROM events AS e FINAL
PREWHERE e.name = {event:String}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY hour
ORDER BY hour DESC;
-- project='…', start=1773100800000, end=1773187200000, event='click'

SELECT path, sum(number) AS found, groupArray((kind, number)) AS kinds FROM (
  SELECT place.1 AS path, toString(JSONType(place.2)) AS kind, count() AS number
  FROM (
    SELECT arrayMap(pair -> ([pair.1], pair.2), JSONExtractKeysAndValuesRaw(document)) AS first_level, arrayFlatten(arrayMap(
      place -> if(startsWith(place.2, '{'),
        arrayMap(pair -> (arrayPushBack(place.1, pair.1), pair.2), JSONExtractKeysAndValuesRaw(place.2)), []),
      first_level)) AS second_level, arrayFlatten(arrayMap(
      place -> if(startsWith(place.2, '{'),
        arrayMap(pair -> (arrayPushBack(place.1, pair.1), pair.2), JSONExtractKeysAndValuesRaw(place.2)), []),
      second_level)) AS third_level,
      arrayJoin(arrayConcat(first_level, second_level, third_level)) AS place
    FROM (SELECT e.properties AS document
FROM events AS e FINAL
PREWHERE e.name = {event:String}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.properties NOT IN ('', '{}')
ORDER BY e.timestamp DESC, e.arrival DESC
LIMIT {sample:UInt64}))
  GROUP BY path, kind)
GROUP BY path
HAVING positionCaseInsensitiveUTF8(arrayStringConcat(path, '.'), {p5:String}) > 0
ORDER BY found DESC, path
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, event='click', sample=50000, p5='plan', limit=100, offset=0
