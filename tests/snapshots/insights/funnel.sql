SELECT [countIf(level >= {p7:UInt8}), countIf(level >= {p8:UInt8}), countIf(level >= {p9:UInt8})] AS counts,
  [quantileExactInclusiveIf(0.5)(at[{p5:UInt8}] - at[{p5:UInt8} - 1], level >= {p5:UInt8}), quantileExactInclusiveIf(0.5)(at[{p6:UInt8}] - at[{p6:UInt8} - 1], level >= {p6:UInt8})] AS medians,
  quantileExactInclusiveIf(0.5)(at[-1] - at[1], level = {last:UInt8}) AS median,
  sumMapIf([roundDown(at[-1] - at[1], {edges:Array(Int64)})], [toUInt64(1)], level = {last:UInt8}) AS bars
FROM (
SELECT who, level,
  arrayMap(x -> bitShiftRight(x, 18), arrayConcat([places[best]], [end2[best], end3[best]])) AS at
FROM (
SELECT who, bits,
  arraySlice(arraySort(if((bitAnd(bits, 1) = 0 OR bitAnd(bits, {p15:UInt64}) = 0), [], found)), 1, {most:UInt64}) AS codes,
  arrayMap(x -> toInt64(bitShiftRight(x, 3 + 64)), codes) AS times,
  arrayMap(x -> toUInt64(bitAnd(x, bitShiftLeft(toUInt64(1), 3) - 1)), codes) AS masks,
  arrayMap((t, i) -> bitShiftLeft(t, 18) + 2 * toInt64(i), times, arrayEnumerate(times)) AS places,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p11:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS next3_3,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p10:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS next2_2,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((m, n) -> if(bitAnd(m, {p10:UInt64}) != 0, n, toInt64(4611686018427387904)), masks, arrayShiftLeft(next3_3, 1, toInt64(4611686018427387904)))) AS next2_3,
  arrayShiftLeft(next2_2, 1, toInt64(4611686018427387904)) AS end2,
  arrayShiftLeft(next2_3, 1, toInt64(4611686018427387904)) AS end3,
  arrayMap((t, m, x_end2, x_end3) -> if(bitAnd(m, 1) = 0, 0, 1 + (x_end2 <= (bitShiftLeft(t + {window:Int64}, 18) - 1)) + (x_end3 <= (bitShiftLeft(t + {window:Int64}, 18) - 1))),
    times, masks, end2, end3) AS depths,
  if((bitAnd(bits, 1) = 0 OR bitAnd(bits, {p13:UInt64}) = 0), bitAnd(bits, 1), arrayMax(depths)) AS level,
  indexOf(depths, level) AS best
FROM (
  SELECT who, groupArray(
    bitShiftLeft(bitShiftLeft(toUInt128(time), 64) + arrival, 3) + mask) AS found, groupBitOr(mask) AS bits
  FROM (
    SELECT if(i.person = 0, e.visitor, i.person) AS who, toUnixTimestamp64Milli(e.timestamp) AS time, e.arrival AS arrival,
    bitOr(bitOr(bitShiftLeft(toUInt8((e.name IN {p17:Array(String)} AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))), 0), bitShiftLeft(toUInt8((e.name IN {p18:Array(String)})), 1)), bitShiftLeft(toUInt8((e.name IN {p19:Array(String)})), 2)) AS mask
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE (e.name IN {p20:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND e.visitor != 0)
  GROUP BY who))
WHERE level > 0);
-- project='…', start=1773100800000, end=1773187200000, edges=[0, 1000, 5000, 10000, 30000, 60000, 300000, 900000, 1800000, 3600000, 10800000, 21600000, 43200000, 86400000, 172800000, 259200000, 604800000, 1209600000, 2592000000, 7776000000], last=3, p5=2, p6=3, p7=1, p8=2, p9=3, p10=2, p11=4, window=86400001, p13=2, most=100000, p15=2, until=1773273600000, p17=['screen_view'], p18=['click'], p19=['buy'], p20=['buy', 'click', 'screen_view']
