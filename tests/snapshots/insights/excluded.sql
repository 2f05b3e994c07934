SELECT x.reason AS reason, x.name AS name, sum(x.count) AS total
FROM excluded AS x
WHERE x.project_id = {project:String} AND x.hour >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND x.hour < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY reason, name
ORDER BY total DESC, reason, name
LIMIT {limit:UInt64} OFFSET {offset:UInt64};
-- project='…', start=1773100800000, end=1773187200000, limit=100, offset=0
