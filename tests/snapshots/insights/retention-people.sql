SELECT person FROM (
SELECT node AS person, -1 AS place, began, returns FROM (
SELECT e.visitor AS node, min(if(true, toUInt16(toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})) + 1), {nowhere:UInt16})) AS began, groupBitOr(bitShiftLeft(toUInt64(1), toUInt16(least(intDiv(toUnixTimestamp64Milli(e.timestamp) - {first:Int64}, {length:Int64}), {last:UInt16})))) AS returns
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.visitor != 0
GROUP BY node)
WHERE began BETWEEN 1 AND {buckets:UInt16})
WHERE began - 1 = {cohort:UInt16} AND person > {after:UInt64}
ORDER BY person
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773187200000, last=0, length=1125899906842624, first=1773100800000, cohort=0, nowhere=2, buckets=1, after=0, limit=101

SELECT node, any(profile_id) FROM profile_changes
WHERE project_id = {project:String} AND node IN {persons:Array(UInt64)}
GROUP BY node;
-- project='…', persons=[6989586621679009792]

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
