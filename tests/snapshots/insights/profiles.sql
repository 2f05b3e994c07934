SELECT greatest(
  (SELECT max(e.arrival) FROM events AS e WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')),
  (SELECT max(arrival) FROM profile_changes WHERE project_id = {project:String}));
-- project='…', start=1773100800000, end=1773187200000

SELECT person, max(value) AS place FROM (
SELECT if(i.person = 0, e.visitor, i.person) AS person, toUInt64(toUnixTimestamp64Milli(max(e.timestamp))) AS value
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE e.arrival <= {newest:UInt64}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.visitor != 0
GROUP BY person
UNION ALL
SELECT DISTINCT if(i.person = 0, c.node, i.person) AS person, 0 AS value
FROM profile_changes AS c
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = c.node
WHERE c.project_id = {project:String} AND c.node != 0 AND c.arrival <= {newest:UInt64}
  AND c.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND c.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
GROUP BY person
ORDER BY place DESC, person DESC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773187200000, newest=1152921504606846977, limit=101

SELECT if(i.person = 0, e.visitor, i.person) AS key, countIf(e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS events,
  countIf(e.name = 'screen_view' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS views, uniqExactIf(cityHash64(e.session_key, e.session_start), e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS sessions,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first,
  toUnixTimestamp64Milli(maxIf(e.timestamp, e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))) AS last,
  uniqExactIf(e.device_id, e.device_id != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS devices,
  countIf(isNotNull(e.revenue) AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS paid, max(e.profile_id) AS profile,
  argMaxIf(e.country, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.country != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS country,
  argMaxIf(e.region, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.region != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS region,
  argMaxIf(e.city, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.city != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS city,
  argMaxIf(e.browser, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.browser != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS browser,
  argMaxIf(e.os, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.os != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS os,
  argMaxIf(e.device, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.device != '' AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS device
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE (e.visitor IN {p4:Array(UInt64)} OR e.visitor IN (
    SELECT node FROM identities FINAL WHERE project_id = {project:String} AND person IN {p3:Array(UInt64)}))
  AND e.arrival <= {newest:UInt64}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(greatest(fromUnixTimestamp64Milli({end:Int64}, 'UTC'), (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < greatest(fromUnixTimestamp64Milli({end:Int64}, 'UTC'), (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
GROUP BY key
HAVING events > 0;
-- project='…', start=1773100800000, end=1773187200000, p3=[6989586621679009792], p4=[6989586621679009792], newest=1152921504606846977

SELECT i.person AS person, id
FROM (
  SELECT node, id, at, other FROM (SELECT profile AS node, profile_id AS id, first_seen AS at, 0 AS other
    FROM identity_links WHERE project_id = {project:String}
    UNION ALL
    SELECT profile AS node, profile_id AS id, first_seen AS at, 0 AS other
    FROM identity_aliases WHERE project_id = {project:String}
    UNION ALL
    SELECT alias AS node, alias_id AS id, first_seen AS at, 1 AS other
    FROM identity_aliases WHERE project_id = {project:String})
  WHERE node IN (SELECT node FROM identities FINAL
    WHERE project_id = {project:String} AND person IN {persons:Array(UInt64)})) AS n
INNER JOIN (
  SELECT node, person FROM identities FINAL
  WHERE project_id = {project:String} AND person IN {persons:Array(UInt64)}) AS i USING (node)
GROUP BY person, id
ORDER BY person, max(other), min(at), id
LIMIT 100 BY person;
-- project='…', persons=[6989586621679009792]

SELECT node, any(profile_id) FROM profile_changes
WHERE project_id = {project:String} AND node IN {persons:Array(UInt64)}
GROUP BY node;
-- project='…', persons=[6989586621679009792]
