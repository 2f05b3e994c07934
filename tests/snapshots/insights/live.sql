SELECT uniqExactIf(e.visitor, e.visitor != 0) AS visitors
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.timestamp >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC');
-- project='…', start=1773100800000, end=1773187200000, recent=1773186900000

SELECT e.path AS path, e.origin AS origin, uniqExactIf(e.visitor, e.visitor != 0) AS visitors
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.timestamp >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC') AND e.name = 'screen_view'
GROUP BY path, origin
HAVING visitors > 0
ORDER BY visitors DESC, path, origin
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, recent=1773186900000, limit=100, offset=0

SELECT e.country AS country, uniqExactIf(e.visitor, e.visitor != 0) AS visitors
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND e.timestamp >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC')
GROUP BY country
HAVING visitors > 0
ORDER BY visitors DESC, country
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, recent=1773186900000, limit=100, offset=0

SELECT intDiv(toUnixTimestamp64Milli(fromUnixTimestamp64Milli({end:Int64}, 'UTC')) - 1 - toUnixTimestamp64Milli(e.timestamp), 60000) AS ago, uniqExactIf(e.visitor, e.visitor != 0) AS visitors
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY ago;
-- project='…', start=1773100800000, end=1773187200000, recent=1773186900000, limit=100, offset=0
