SELECT first, second FROM (
    SELECT if(t.moment != 0 AND intDiv(t.moment, 1048576) >= c.moment - {lookback:Int64}, t.referrer_name, '') AS first, '' AS second, c.person AS person, c.currency AS currency,
      c.amount AS amount
    FROM (
      SELECT e.visitor AS person, toUnixTimestamp64Milli(e.timestamp) AS moment,
        toString(e.currency) AS currency, toInt128(ifNull(e.revenue, 0)) AS amount
FROM events AS e FINAL
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS c
    ASOF LEFT JOIN (
      SELECT s.visitor AS person, toString(s.referrer_name) AS referrer_name,
        toUnixTimestamp64Milli(s.session_start) * 1048576 + toInt64(s.session_key % 1048576) AS moment
      FROM sessions AS s FINAL
      WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({touched:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({touched:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
        AND s.visitor != 0 AND s.visitor IN (SELECT e.visitor
FROM events AS e FINAL
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
        AND (s.referrer_type NOT IN ('', 'direct') OR s.referrer != '' OR s.referrer_name != ''
          OR s.utm_source != '' OR s.utm_medium != '' OR s.utm_campaign != '' OR s.utm_term != ''
          OR s.utm_content != '' OR s.click_id_name != '' OR s.click_id != '')) AS t
      ON c.person = t.person AND c.moment * 1048576 + 1048576 - 1 >= t.moment)
GROUP BY first, second
ORDER BY count() DESC, first, second
LIMIT {values:UInt64}
SETTINGS join_algorithm = 'full_sorting_merge,hash';
-- project='…', start=1773100800000, end=1773187200000, p3=['buy'], lookback=2592000000, touched=1770508800000, values=10

SELECT place, currency, grouping(place) AS whole, grouping(currency) AS money,
  count() AS conversions, uniqExactIf(person, person != 0) AS converters,
  sum(amount) AS earned, countIf(amount > 0) AS orders, countIf(amount != 0) AS rows
FROM (
  SELECT indexOf(arrayZip({p4:Array(String)}, {p5:Array(String)}), (first, second)) AS place, currency, person, amount
  FROM (
    SELECT if(t.moment != 0 AND intDiv(t.moment, 1048576) >= c.moment - {lookback:Int64}, t.referrer_name, '') AS first, '' AS second, c.person AS person, c.currency AS currency,
      c.amount AS amount
    FROM (
      SELECT e.visitor AS person, toUnixTimestamp64Milli(e.timestamp) AS moment,
        toString(e.currency) AS currency, toInt128(ifNull(e.revenue, 0)) AS amount
FROM events AS e FINAL
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS c
    ASOF LEFT JOIN (
      SELECT s.visitor AS person, toString(s.referrer_name) AS referrer_name,
        toUnixTimestamp64Milli(s.session_start) * 1048576 + toInt64(s.session_key % 1048576) AS moment
      FROM sessions AS s FINAL
      WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({touched:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({touched:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
        AND s.visitor != 0 AND s.visitor IN (SELECT e.visitor
FROM events AS e FINAL
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
        AND (s.referrer_type NOT IN ('', 'direct') OR s.referrer != '' OR s.referrer_name != ''
          OR s.utm_source != '' OR s.utm_medium != '' OR s.utm_campaign != '' OR s.utm_term != ''
          OR s.utm_content != '' OR s.click_id_name != '' OR s.click_id != '')) AS t
      ON c.person = t.person AND c.moment * 1048576 + 1048576 - 1 >= t.moment))
GROUP BY GROUPING SETS ((), (currency), (place), (place, currency))
SETTINGS join_algorithm = 'full_sorting_merge,hash';
-- project='…', start=1773100800000, end=1773187200000, p3=['buy'], p4=[], p5=[], lookback=2592000000, touched=1770508800000
