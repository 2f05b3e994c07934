SELECT uniqExactIf(if(i.person = 0, e.visitor, i.person), e.visitor != 0) AS unique_visitors,
  countIf(e.name = 'screen_view') AS total_screen_views,
  count() AS total_events
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE (NOT (e.visitor IN (
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM (
  SELECT v.person AS person
  FROM (
  SELECT w.person AS person, w.text AS text, w.kind AS kind
  FROM (
  SELECT person, k.blocked = 0 AND k.kind IN ('', 'Null') AND a.inside AS holds,
    a.adds > 0 AND NOT holds AND k.blocked = 0
      AND k.kind NOT IN ('Object', 'Array', 'String', 'Bool') AS counts,
    toDecimal256OrNull(k.text, 20) AS base,
    multiIf(holds OR k.kind = 'Object', '', NOT counts, k.text,
      a.wide = 0 AND (k.text = '' OR base IS NOT NULL),
      toString(ifNull(base, toDecimal256(0, 20)) + a.exact),
      toString(toFloat64OrZero(k.text) + a.rough)) AS text,
    multiIf(holds, 'Object', counts, 'Number', k.kind) AS kind
  FROM (
    SELECT b.person AS person, b.at AS at, if(toUInt16(bitAnd(b.at, 65535)) = {p10:UInt16}, ifNull(JSONExtract(b.value, 'Nullable(String)'), ''), if(toUInt16(bitAnd(b.at, 65535)) = {p8:UInt16}, ifNull(JSONExtract(b.value, {p9:String}, 'Nullable(String)'), ''), '')) AS text, if(toUInt16(bitAnd(b.at, 65535)) = {p10:UInt16}, toString(JSONType(b.value)), if(toUInt16(bitAnd(b.at, 65535)) = {p8:UInt16}, toString(JSONType(b.value, {p9:String})), 'Object')) AS kind, toUInt8(if(toUInt16(bitAnd(b.at, 65535)) = {p8:UInt16}, JSONType(b.value) NOT IN ('Object', 'Null'), false)) AS blocked
    FROM (
    SELECT s.person AS person, argMax(s.value, s.place) AS value, max(s.place) AS at
    FROM (
      SELECT if(ci.person = 0, c.node, ci.person) AS person, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property) AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node
      PREWHERE (c.property IN {p5:Array(String)} OR startsWith(c.property, {p7:String}))
      WHERE c.project_id = {project:String} AND c.node != 0 AND c.operation = 'set') AS s
    GROUP BY person) AS b) AS k
  FULL JOIN (
    SELECT d.person AS person, countIf(d.property = {p6:String}) AS adds,
      sumIf(ifNull(toDecimal256OrNull(d.value, 20), toDecimal256(0, 20)), d.property = {p6:String}) AS exact,
      sumIf(toFloat64OrZero(d.value), d.property = {p6:String}) AS rough, maxIf(isNull(toDecimal256OrNull(d.value, 20)), d.property = {p6:String}) AS wide,
      argMin(d.property = {p6:String}, d.place) = 0 AS inside
    FROM (
      SELECT if(ci.person = 0, c.node, ci.person) AS person, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property) AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c FINAL
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node
      PREWHERE (c.property = {p6:String} OR startsWith(c.property, {p7:String}))
      WHERE c.project_id = {project:String} AND c.node != 0 AND c.operation = 'add') AS d
    LEFT ANY JOIN (
    SELECT s.person AS person, argMax(s.value, s.place) AS value, max(s.place) AS at
    FROM (
      SELECT if(ci.person = 0, c.node, ci.person) AS person, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property) AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node
      PREWHERE (c.property IN {p5:Array(String)} OR startsWith(c.property, {p7:String}))
      WHERE c.project_id = {project:String} AND c.node != 0 AND c.operation = 'set') AS s
    GROUP BY person) AS b ON b.person = d.person
    WHERE d.place > b.at
    GROUP BY person) AS a USING (person)) AS w
  WHERE w.text != '' OR w.kind = 'Object') AS v
  WHERE v.text != '' AND (v.text IN {p3:Array(String)} OR startsWith(v.text, '[') AND arrayExists(member -> member IN {p4:Array(String)}, if(v.kind = 'Array', JSONExtract(v.text, 'Array(Nullable(String))'), [])))) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS n
    ON n.person = p.person)))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC');
-- project='…', start=1773100800000, end=1773187200000, p3=['Graz'], p4=['Graz'], p5=['address', 'address.city'], p6='address.city', p7='address.city.', p8=7, p9='city', p10=12

SELECT count() AS total_sessions,
  if(count() = 0, 0, sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start)) / 1000 / count()) AS avg_session_duration,
  if(count() = 0, 0, 100 * countIf(s.screen_views = 1) / count()) AS bounce_rate,
  if(count() = 0, 0, sum(s.screen_views) / count()) AS views_per_session
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
PREWHERE (NOT (e.visitor IN (
  SELECT arrayJoin(if(n.node = 0, [p.person], [p.person, n.node])) AS one
  FROM (
  SELECT v.person AS person
  FROM (
  SELECT w.person AS person, w.text AS text, w.kind AS kind
  FROM (
  SELECT person, k.blocked = 0 AND k.kind IN ('', 'Null') AND a.inside AS holds,
    a.adds > 0 AND NOT holds AND k.blocked = 0
      AND k.kind NOT IN ('Object', 'Array', 'String', 'Bool') AS counts,
    toDecimal256OrNull(k.text, 20) AS base,
    multiIf(holds OR k.kind = 'Object', '', NOT counts, k.text,
      a.wide = 0 AND (k.text = '' OR base IS NOT NULL),
      toString(ifNull(base, toDecimal256(0, 20)) + a.exact),
      toString(toFloat64OrZero(k.text) + a.rough)) AS text,
    multiIf(holds, 'Object', counts, 'Number', k.kind) AS kind
  FROM (
    SELECT b.person AS person, b.at AS at, if(toUInt16(bitAnd(b.at, 65535)) = {p10:UInt16}, ifNull(JSONExtract(b.value, 'Nullable(String)'), ''), if(toUInt16(bitAnd(b.at, 65535)) = {p8:UInt16}, ifNull(JSONExtract(b.value, {p9:String}, 'Nullable(String)'), ''), '')) AS text, if(toUInt16(bitAnd(b.at, 65535)) = {p10:UInt16}, toString(JSONType(b.value)), if(toUInt16(bitAnd(b.at, 65535)) = {p8:UInt16}, toString(JSONType(b.value, {p9:String})), 'Object')) AS kind, toUInt8(if(toUInt16(bitAnd(b.at, 65535)) = {p8:UInt16}, JSONType(b.value) NOT IN ('Object', 'Null'), false)) AS blocked
    FROM (
    SELECT s.person AS person, argMax(s.value, s.place) AS value, max(s.place) AS at
    FROM (
      SELECT if(ci.person = 0, c.node, ci.person) AS person, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property) AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node
      PREWHERE (c.property IN {p5:Array(String)} OR startsWith(c.property, {p7:String}))
      WHERE c.project_id = {project:String} AND c.node != 0 AND c.operation = 'set') AS s
    GROUP BY person) AS b) AS k
  FULL JOIN (
    SELECT d.person AS person, countIf(d.property = {p6:String}) AS adds,
      sumIf(ifNull(toDecimal256OrNull(d.value, 20), toDecimal256(0, 20)), d.property = {p6:String}) AS exact,
      sumIf(toFloat64OrZero(d.value), d.property = {p6:String}) AS rough, maxIf(isNull(toDecimal256OrNull(d.value, 20)), d.property = {p6:String}) AS wide,
      argMin(d.property = {p6:String}, d.place) = 0 AS inside
    FROM (
      SELECT if(ci.person = 0, c.node, ci.person) AS person, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property) AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c FINAL
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node
      PREWHERE (c.property = {p6:String} OR startsWith(c.property, {p7:String}))
      WHERE c.project_id = {project:String} AND c.node != 0 AND c.operation = 'add') AS d
    LEFT ANY JOIN (
    SELECT s.person AS person, argMax(s.value, s.place) AS value, max(s.place) AS at
    FROM (
      SELECT if(ci.person = 0, c.node, ci.person) AS person, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(c.timestamp)), 80)
      + bitShiftLeft(toUInt128(c.arrival), 16) + length(c.property) AS place, c.property AS property, c.value AS value
      FROM profile_changes AS c
        LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS ci
          ON ci.node = c.node
      PREWHERE (c.property IN {p5:Array(String)} OR startsWith(c.property, {p7:String}))
      WHERE c.project_id = {project:String} AND c.node != 0 AND c.operation = 'set') AS s
    GROUP BY person) AS b ON b.person = d.person
    WHERE d.place > b.at
    GROUP BY person) AS a USING (person)) AS w
  WHERE w.text != '' OR w.kind = 'Object') AS v
  WHERE v.text != '' AND (v.text IN {p3:Array(String)} OR startsWith(v.text, '[') AND arrayExists(member -> member IN {p4:Array(String)}, if(v.kind = 'Array', JSONExtract(v.text, 'Array(Nullable(String))'), [])))) AS p
  LEFT JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS n
    ON n.person = p.person)))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'));
-- project='…', start=1773100800000, end=1773187200000, p3=['Graz'], p4=['Graz'], p5=['address', 'address.city'], p6='address.city', p7='address.city.', p8=7, p9='city', p10=12
