SELECT first, second FROM (
    SELECT if(t.moment != 0 AND intDiv(t.moment, 1048576) <= c.moment, t.utm_source, '') AS first, if(t.moment != 0 AND intDiv(t.moment, 1048576) <= c.moment, t.referrer_type, 'direct') AS second, c.person AS person, c.currency AS currency,
      c.amount AS amount
    FROM (
      SELECT if(i.person = 0, e.visitor, i.person) AS person, toUnixTimestamp64Milli(e.timestamp) AS moment,
        toString(e.currency) AS currency, toInt128(ifNull(e.revenue, 0)) AS amount
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS c
    ASOF LEFT JOIN (
      SELECT if(i.person = 0, s.visitor, i.person) AS person, toString(s.utm_source) AS utm_source, toString(s.referrer_type) AS referrer_type,
        toUnixTimestamp64Milli(s.session_start) * 1048576 + toInt64(s.session_key % 1048576) AS moment
      FROM sessions AS s FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = s.visitor
      WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({touched:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({touched:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
        AND s.visitor != 0 AND if(i.person = 0, s.visitor, i.person) IN (SELECT if(i.person = 0, e.visitor, i.person)
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))) AS t
      ON c.person = t.person AND greatest(c.moment - {lookback:Int64}, 0) * 1048576 <= t.moment)
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
    SELECT if(t.moment != 0 AND intDiv(t.moment, 1048576) <= c.moment, t.utm_source, '') AS first, if(t.moment != 0 AND intDiv(t.moment, 1048576) <= c.moment, t.referrer_type, 'direct') AS second, c.person AS person, c.currency AS currency,
      c.amount AS amount
    FROM (
      SELECT if(i.person = 0, e.visitor, i.person) AS person, toUnixTimestamp64Milli(e.timestamp) AS moment,
        toString(e.currency) AS currency, toInt128(ifNull(e.revenue, 0)) AS amount
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS c
    ASOF LEFT JOIN (
      SELECT if(i.person = 0, s.visitor, i.person) AS person, toString(s.utm_source) AS utm_source, toString(s.referrer_type) AS referrer_type,
        toUnixTimestamp64Milli(s.session_start) * 1048576 + toInt64(s.session_key % 1048576) AS moment
      FROM sessions AS s FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = s.visitor
      WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({touched:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({touched:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
        AND s.visitor != 0 AND if(i.person = 0, s.visitor, i.person) IN (SELECT if(i.person = 0, e.visitor, i.person)
FROM events AS e FINAL
LEFT ANY JOIN (SELECT node, person FROM identities FINAL WHERE project_id = {project:String}) AS i
  ON i.node = e.visitor
PREWHERE e.name IN {p3:Array(String)}
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))) AS t
      ON c.person = t.person AND greatest(c.moment - {lookback:Int64}, 0) * 1048576 <= t.moment))
GROUP BY GROUPING SETS ((), (currency), (place), (place, currency))
SETTINGS join_algorithm = 'full_sorting_merge,hash';
-- project='…', start=1773100800000, end=1773187200000, p3=['buy'], p4=[], p5=[], lookback=2592000000, touched=1770508800000
