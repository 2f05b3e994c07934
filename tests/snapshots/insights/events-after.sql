SELECT toUnixTimestamp64Milli(e.timestamp) AS at, 1 AS rank, e.arrival AS number
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (at, rank, number) < ({after:Int64}, {rank:UInt8}, {number:UInt64})
ORDER BY at DESC, rank DESC, number DESC
LIMIT {limit:UInt64};
-- project='…', start=1773183599996, end=1773187199996, after=1773187199995, rank=1, number=7, limit=101

SELECT toUnixTimestamp64Milli(e.timestamp) AS at, 1 AS rank, e.arrival AS number
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND (at, rank, number) < ({after:Int64}, {rank:UInt8}, {number:UInt64})
ORDER BY at DESC, rank DESC, number DESC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773183599996, after=1773187199995, rank=1, number=7, limit=100

SELECT e.id AS id, e.arrival AS arrival, e.name AS name,
  toUnixTimestamp64Milli(e.timestamp) AS at,
  e.device_id AS device_id, e.profile_id AS profile_id, e.session_key AS session_key,
  toUnixTimestamp64Milli(e.session_start) AS session_start, e.session_id AS session_id,
  e.path AS path, e.origin AS origin, e.query AS query, e.hash AS hash, e.title AS title,
  e.referrer AS referrer, e.referrer_name AS referrer_name, e.referrer_type AS referrer_type,
  e.utm_source AS source, e.utm_medium AS medium, e.utm_campaign AS campaign, e.utm_term AS term,
  e.utm_content AS content, e.country AS country, e.region AS region, e.city AS city, e.browser AS browser,
  e.browser_version AS browser_version, e.os AS os, e.os_version AS os_version, e.device AS device,
  e.brand AS brand, e.model AS model, e.groups AS groups, e.revenue AS revenue, e.currency AS currency,
  e.properties AS properties, e.visitor AS person
FROM events AS e FINAL
PREWHERE e.arrival IN {p5:Array(UInt64)}
WHERE e.project_id = {project:String} AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({first:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({last:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({first:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({last:Int64}, 'UTC');
-- project='…', start=1773100800000, end=1773187200000, first=1773187199990, last=1773187199991, p5=[1152921504606846977]

SELECT node, person FROM identities FINAL WHERE project_id = {project:String} AND node IN {p1:Array(UInt64)};
-- project='…', p1=[6989586621679009792]
