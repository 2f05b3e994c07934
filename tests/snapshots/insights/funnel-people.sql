SELECT who, level, at, who AS key
FROM (
SELECT who, level,
  arrayMap(x -> bitShiftRight(x, 18), arrayConcat([places[best]], [end2[best], end3[best]])) AS at
FROM (
SELECT who,
  arraySlice(arraySort(found), 1, {most:UInt64}) AS codes,
  arrayMap(x -> toInt64(bitShiftRight(x, 3 + 64)), codes) AS times,
  arrayMap(x -> toUInt64(bitAnd(x, bitShiftLeft(toUInt64(1), 3) - 1)), codes) AS masks,
  arrayMap((t, i) -> bitShiftLeft(t, 18) + 2 * toInt64(i), times, arrayEnumerate(times)) AS places,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p7:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS next3_3,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p6:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS next2_2,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((m, n) -> if(bitAnd(m, {p6:UInt64}) != 0, n, toInt64(4611686018427387904)), masks, arrayShiftLeft(next3_3, 1, toInt64(4611686018427387904)))) AS next2_3,
  arrayShiftLeft(next2_2, 1, toInt64(4611686018427387904)) AS end2,
  arrayShiftLeft(next2_3, 1, toInt64(4611686018427387904)) AS end3,
  arrayMap((t, m, x_end2, x_end3) -> if(bitAnd(m, 1) = 0, 0, 1 + (x_end2 <= (bitShiftLeft(t + {window:Int64}, 18) - 1)) + (x_end3 <= (bitShiftLeft(t + {window:Int64}, 18) - 1))),
    times, masks, end2, end3) AS depths,
  arrayMax(depths) AS level,
  indexOf(depths, level) AS best
FROM (
  SELECT who, groupArray(
    bitShiftLeft(bitShiftLeft(toUInt128(time), 64) + arrival, 3) + mask) AS found
  FROM (
    SELECT e.visitor AS who, toUnixTimestamp64Milli(e.timestamp) AS time, e.arrival AS arrival,
    bitOr(bitOr(bitShiftLeft(toUInt8((e.name IN {p11:Array(String)} AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))), 0), bitShiftLeft(toUInt8((e.name IN {p12:Array(String)})), 1)), bitShiftLeft(toUInt8((e.name IN {p13:Array(String)})), 2)) AS mask
FROM events AS e FINAL
PREWHERE (e.name IN {p14:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.visitor != 0)
  GROUP BY who))
WHERE level > 0)
WHERE level = {step:UInt8} - 1 AND (at[1], key) < ({after_start:Int64}, {after_key:UInt64})
ORDER BY at[1] DESC, key DESC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773187200000, step=2, after_start=1773187199995, after_key=7, p6=2, p7=4, window=86400001, most=100000, until=1773273600000, p11=['screen_view'], p12=['click'], p13=['buy'], p14=['buy', 'click', 'screen_view'], limit=101

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
