SELECT person, max(value) AS place FROM (
SELECT if(i.person = 0, e.visitor, i.person) AS person, uniqExactIf(cityHash64(e.session_key, e.session_start), e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS value
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE e.arrival <= {newest:UInt64}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(greatest(fromUnixTimestamp64Milli({end:Int64}, 'UTC'), (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < greatest(fromUnixTimestamp64Milli({end:Int64}, 'UTC'), (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.visitor != 0
  AND (i.person != 0 OR e.profile_id != '')
  AND if(i.person = 0, e.visitor, i.person) IN (
    SELECT if(wi.person = 0, w.node, wi.person) FROM (
    SELECT node FROM (
      SELECT node, argMax(value, (timestamp, arrival)) AS newest
      FROM profile_changes
      WHERE project_id = {project:String} AND node != 0 AND operation = 'set'
      GROUP BY node, property)
    WHERE positionCaseInsensitiveUTF8(if(JSONType(newest) = 'String', JSONExtractString(newest), newest), {search:String}) > 0
    UNION ALL
    SELECT node FROM (
      SELECT node, argMaxIf(value, (timestamp, arrival), property = '$firstName') AS first,
        argMaxIf(value, (timestamp, arrival), property = '$lastName') AS last
      FROM profile_changes
      WHERE project_id = {project:String} AND node != 0 AND property IN ('$firstName', '$lastName')
      GROUP BY node)
    WHERE positionCaseInsensitiveUTF8(concat(JSONExtractString(first), ' ', JSONExtractString(last)), {search:String}) > 0
    UNION ALL
    SELECT node FROM profile_changes
    WHERE project_id = {project:String} AND node != 0 AND positionCaseInsensitiveUTF8(profile_id, {search:String}) > 0
    UNION ALL
    SELECT profile FROM identity_links WHERE project_id = {project:String} AND positionCaseInsensitiveUTF8(profile_id, {search:String}) > 0
    UNION ALL
    SELECT profile FROM identity_aliases WHERE project_id = {project:String} AND positionCaseInsensitiveUTF8(profile_id, {search:String}) > 0
    UNION ALL
    SELECT alias FROM identity_aliases WHERE project_id = {project:String} AND positionCaseInsensitiveUTF8(alias_id, {search:String}) > 0
    UNION ALL
    SELECT e.visitor FROM events AS e WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND positionCaseInsensitiveUTF8(e.profile_id, {search:String}) > 0
    UNION ALL
    SELECT arrayJoin({searched:Array(UInt64)})) AS w
    LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS wi
      ON wi.node = w.node)
GROUP BY person
HAVING countIf(e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) > 0
UNION ALL
SELECT DISTINCT if(i.person = 0, c.node, i.person) AS person, 0 AS value
FROM profile_changes AS c
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = c.node
WHERE c.project_id = {project:String} AND c.node != 0 AND c.arrival <= {newest:UInt64}
  AND c.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND c.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND if(i.person = 0, c.node, i.person) IN (
    SELECT if(wi.person = 0, w.node, wi.person) FROM (
    SELECT node FROM (
      SELECT node, argMax(value, (timestamp, arrival)) AS newest
      FROM profile_changes
      WHERE project_id = {project:String} AND node != 0 AND operation = 'set'
      GROUP BY node, property)
    WHERE positionCaseInsensitiveUTF8(if(JSONType(newest) = 'String', JSONExtractString(newest), newest), {search:String}) > 0
    UNION ALL
    SELECT node FROM (
      SELECT node, argMaxIf(value, (timestamp, arrival), property = '$firstName') AS first,
        argMaxIf(value, (timestamp, arrival), property = '$lastName') AS last
      FROM profile_changes
      WHERE project_id = {project:String} AND node != 0 AND property IN ('$firstName', '$lastName')
      GROUP BY node)
    WHERE positionCaseInsensitiveUTF8(concat(JSONExtractString(first), ' ', JSONExtractString(last)), {search:String}) > 0
    UNION ALL
    SELECT node FROM profile_changes
    WHERE project_id = {project:String} AND node != 0 AND positionCaseInsensitiveUTF8(profile_id, {search:String}) > 0
    UNION ALL
    SELECT profile FROM identity_links WHERE project_id = {project:String} AND positionCaseInsensitiveUTF8(profile_id, {search:String}) > 0
    UNION ALL
    SELECT profile FROM identity_aliases WHERE project_id = {project:String} AND positionCaseInsensitiveUTF8(profile_id, {search:String}) > 0
    UNION ALL
    SELECT alias FROM identity_aliases WHERE project_id = {project:String} AND positionCaseInsensitiveUTF8(alias_id, {search:String}) > 0
    UNION ALL
    SELECT e.visitor FROM events AS e WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND positionCaseInsensitiveUTF8(e.profile_id, {search:String}) > 0
    UNION ALL
    SELECT arrayJoin({searched:Array(UInt64)})) AS w
    LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS wi
      ON wi.node = w.node))
GROUP BY person
HAVING (place, person) < ({value:UInt64}, {after:UInt64})
ORDER BY place DESC, person DESC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773187200000, search='ada', searched=[3377798592596869312, 9097323069819135697], newest=9223372036854775808, value=3, after=7, limit=101
