SELECT toString(e.name) AS label, count() AS found,
  toUnixTimestamp64Milli(max(e.timestamp)) AS newest
FROM events AS e FINAL
PREWHERE positionCaseInsensitiveUTF8(e.name, {p3:String}) > 0
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY label
ORDER BY found DESC, label
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, p3='view', limit=100, offset=0
