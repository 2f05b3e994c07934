SELECT grouping(ago, country, path) AS kind, intDiv(toUnixTimestamp64Milli(fromUnixTimestamp64Milli({end:Int64}, 'UTC')) - 1 - toUnixTimestamp64Milli(e.timestamp), 60000) AS ago, e.country AS country,
  e.path AS path, e.origin AS origin,
  multiIf(kind = 3, uniqExactIf(e.visitor, e.visitor != 0),
    kind = 6, uniqExactIf(e.visitor, e.visitor != 0 AND e.timestamp >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC') AND e.name = 'screen_view'),
    uniqExactIf(e.visitor, e.visitor != 0 AND e.timestamp >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC'))) AS visitors
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY GROUPING SETS ((), (ago), (country), (path, origin))
HAVING visitors > 0
ORDER BY kind, visitors DESC, country, path, origin
LIMIT {most:UInt64} BY kind;
-- project='…', start=1773100800000, end=1773187200000, recent=1773186900000, most=100
