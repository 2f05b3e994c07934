SELECT [countIf(level >= {p8:UInt8}), countIf(level >= {p9:UInt8}), countIf(level >= {p10:UInt8})] AS counts,
  [quantileExactInclusiveIf(0.5)(at[{p6:UInt8}] - at[{p6:UInt8} - 1], level >= {p6:UInt8}), quantileExactInclusiveIf(0.5)(at[{p7:UInt8}] - at[{p7:UInt8} - 1], level >= {p7:UInt8})] AS medians,
  quantileExactInclusiveIf(0.5)(at[-1] - at[1], level = {last:UInt8}) AS median,
  sumMapIf([roundDown(at[-1] - at[1], {edges:Array(Int64)})], [toUInt64(1)], level = {last:UInt8}) AS bars
FROM (
SELECT who, level,
  arrayMap(x -> bitShiftRight(x, 18), arrayConcat([places[best]], [end2[best], end3[best]])) AS at
FROM (
SELECT who, bits,
  arraySlice(arraySort(if((bitAnd(bits, 1) = 0 OR bitAnd(bits, {p17:UInt64}) = 0), [], found)), 1, {most:UInt64}) AS codes,
  arrayMap(x -> toInt64(bitShiftRight(x, 4 + 64)), codes) AS times,
  arrayMap(x -> toUInt64(bitAnd(x, bitShiftLeft(toUInt64(1), 4) - 1)), codes) AS masks,
  arrayMap((t, i) -> bitShiftLeft(t, 18) + 2 * toInt64(i), times, arrayEnumerate(times)) AS places,
  arrayMap((p, m) -> if(bitAnd(m, {p12:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks) AS next3_3,
  arrayMap((p, m, x) -> if(bitAnd(m, {p11:UInt64}) != 0, p, x), places, masks, arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p13:UInt64}) != 0, p + 1, toInt64(4611686018427387904)), places, masks))) AS next2_2,
  arrayMap((m, n) -> if(bitAnd(m, {p11:UInt64}) != 0, n, toInt64(4611686018427387904)), masks, arrayShiftLeft(next3_3, 1, toInt64(4611686018427387904))) AS next2_3,
  arrayShiftLeft(next2_2, 1, toInt64(4611686018427387904)) AS end2,
  arrayShiftLeft(next2_3, 1, toInt64(4611686018427387904)) AS end3,
  arrayMap((t, m, x_end2, x_end3) -> if(bitAnd(m, 1) = 0, 0, if((x_end2 <= (bitShiftLeft(t + {window:Int64}, 18) - 1) AND bitTest(x_end2, 0)) OR (x_end3 <= (bitShiftLeft(t + {window:Int64}, 18) - 1) AND bitTest(x_end3, 0)), 0, 1 + (x_end2 <= (bitShiftLeft(t + {window:Int64}, 18) - 1)) + (x_end3 <= (bitShiftLeft(t + {window:Int64}, 18) - 1)))),
    times, masks, end2, end3) AS depths,
  if((bitAnd(bits, 1) = 0 OR bitAnd(bits, {p15:UInt64}) = 0), bitAnd(bits, 1), arrayMax(depths)) AS level,
  indexOf(depths, level) AS best
FROM (
  SELECT who, groupArray(
    bitShiftLeft(bitShiftLeft(toUInt128(time), 64) + arrival, 4) + mask) AS found, groupBitOr(mask) AS bits
  FROM (
    SELECT cityHash64(e.session_key, e.session_start) AS who, toUnixTimestamp64Milli(e.timestamp) AS time, e.arrival AS arrival,
    bitOr(bitOr(bitOr(bitShiftLeft(toUInt8((e.name IN {p19:Array(String)} AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))), 0), bitShiftLeft(toUInt8((e.name IN {p20:Array(String)})), 1)), bitShiftLeft(toUInt8((e.name IN {p21:Array(String)})), 2)), bitShiftLeft(toUInt8((e.name IN {p22:Array(String)})), 3)) AS mask
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.session_key != 0
  AND (e.utm_source IN {p3:Array(String)}))
  GROUP BY who))
WHERE level > 0);
-- project='…', start=1773100800000, end=1773187200000, p3=['news'], edges=[0, 1000, 5000, 10000, 30000, 60000, 300000, 900000, 1800000, 3600000, 10800000, 21600000, 43200000, 86400000, 172800000, 259200000, 604800000, 1209600000, 2592000000, 7776000000], last=3, p6=2, p7=3, p8=1, p9=2, p10=3, p11=2, p12=4, p13=8, window=86400001, p15=10, most=100000, p17=10, until=1773273600000, p19=['screen_view'], p20=['click'], p21=['buy'], p22=['x']
