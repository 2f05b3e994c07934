SELECT count() FROM profile_changes WHERE project_id = {project:String};
-- project='…', start=1773100800000, end=1773187200000

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
    FROM (SELECT concat(
    arrayStringConcat(arrayMap(part -> concat('{', toJSONString(part), ':'), splitByChar('.', property))),
    value, repeat('}', length(splitByChar('.', property)))) AS document
FROM profile_changes
WHERE project_id = {project:String} AND (NOT startsWith(property, '$') OR property IN {p3:Array(String)})
ORDER BY arrival DESC
LIMIT {sample:UInt64}))
  GROUP BY path, kind)
GROUP BY path
ORDER BY found DESC, path
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3=['$firstName', '$lastName', '$email', '$avatar'], sample=200000, limit=100, offset=0
