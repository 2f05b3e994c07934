SELECT [countIf(level >= {p7:UInt8}), countIf(level >= {p8:UInt8}), countIf(level >= {p9:UInt8})] AS counts,
  [quantileExactInclusiveIf(0.5)(at[{p5:UInt8}] - at[{p5:UInt8} - 1], level >= {p5:UInt8}), quantileExactInclusiveIf(0.5)(at[{p6:UInt8}] - at[{p6:UInt8} - 1], level >= {p6:UInt8})] AS medians,
  quantileExactInclusiveIf(0.5)(at[-1] - at[1], level = {last:UInt8}) AS median,
  sumMapIf([roundDown(at[-1] - at[1], {edges:Array(Int64)})], [toUInt64(1)], level = {last:UInt8}) AS bars
FROM (
SELECT who, level,
  arrayMap(x -> bitShiftRight(x, 18), arrayConcat([places[best]], arraySlice(tails[best], 2))) AS at
FROM (
SELECT who,
  arraySlice(arraySort(found), 1, {most:UInt64}) AS codes,
  arrayMap(x -> toInt64(bitShiftRight(x, 3 + 64)), codes) AS times,
  arrayMap(x -> toUInt64(bitAnd(x, bitShiftLeft(toUInt64(1), 3) - 1)), codes) AS masks,
  arrayMap((t, i) -> bitShiftLeft(t, 18) + 2 * toInt64(i), times, arrayEnumerate(times)) AS places,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p10:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS of0_1_2_2,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p11:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS of1_1_2_2,
  arrayReverseFill(x -> x != toInt64(4611686018427387904), arrayMap((p, m) -> if(bitAnd(m, {p12:UInt64}) != 0, p, toInt64(4611686018427387904)), places, masks)) AS of2_1_2_2,
  arrayMap((x_of0_1_2_2, x_of1_1_2_2, x_of2_1_2_2) -> arraySort([x_of0_1_2_2, x_of1_1_2_2, x_of2_1_2_2]), of0_1_2_2, of1_1_2_2, of2_1_2_2) AS tails,
  arrayMap((t, m, n) -> if(bitAnd(m, {p13:UInt64}) = 0 OR t >= {end_time:Int64}, 0, (n[1] <= toInt64(4611686018427387903)) + (n[2] <= toInt64(4611686018427387903)) + (n[3] <= toInt64(4611686018427387903))), times, masks, tails) AS depths,
  arrayMax(depths) AS level,
  indexOf(depths, level) AS best
FROM (
  SELECT who, groupArray(
    bitShiftLeft(bitShiftLeft(toUInt128(time), 64) + arrival, 3) + mask) AS found
  FROM (
    SELECT arrayJoin(e.groups) AS who, toUnixTimestamp64Milli(e.timestamp) AS time, e.arrival AS arrival,
    bitOr(bitOr(bitShiftLeft(toUInt8((e.name IN {p17:Array(String)})), 0), bitShiftLeft(toUInt8((e.name IN {p18:Array(String)})), 1)), bitShiftLeft(toUInt8((e.name IN {p19:Array(String)})), 2)) AS mask
FROM events AS e FINAL
PREWHERE (e.name IN {p20:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND notEmpty(e.groups))
  GROUP BY who))
WHERE level > 0);
-- project='…', start=1773100800000, end=1773187200000, edges=[0, 1000, 5000, 10000, 30000, 60000, 300000, 900000, 1800000, 3600000, 10800000, 21600000, 43200000, 86400000, 172800000, 259200000, 604800000, 1209600000, 2592000000, 7776000000], last=3, p5=2, p6=3, p7=1, p8=2, p9=3, p10=1, p11=2, p12=4, p13=7, end_time=1773187200000, most=100000, until=5662224000000, p17=['screen_view'], p18=['click'], p19=['buy'], p20=['buy', 'click', 'screen_view']
