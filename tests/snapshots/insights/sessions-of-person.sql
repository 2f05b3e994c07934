SELECT s.session_key AS session_key, s.session_id AS session_id,
  toUnixTimestamp64Milli(s.session_start) AS started, toUnixTimestamp64Milli(s.session_end) AS ended,
  s.events AS events, s.screen_views AS screen_views,
  s.entry_path AS entry_path, s.entry_origin AS entry_origin, s.entry_title AS entry_title,
  s.exit_path AS exit_path, s.exit_origin AS exit_origin, s.exit_title AS exit_title,
  s.device_id AS device_id, s.profile_id AS profile_id,
  s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
  s.utm_source AS source, s.utm_medium AS medium, s.utm_campaign AS campaign, s.utm_term AS term,
  s.utm_content AS content, s.country AS country, s.region AS region, s.city AS city,
  s.browser AS browser, s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version,
  s.device AS device, s.brand AS brand, s.model AS model, s.visitor AS person
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
PREWHERE (e.visitor = {person:UInt64} OR e.visitor IN (
    SELECT node FROM identities FINAL WHERE project_id = {project:String} AND person = {person:UInt64}))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND (s.session_start, s.session_key) < (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {key:UInt64})
ORDER BY s.session_start DESC, s.session_key DESC
LIMIT {limit:UInt64};
-- project='…', start=1773183599996, end=1773187199996, person=1, after=1773187199995, key=7, limit=101

SELECT s.session_key AS session_key, s.session_id AS session_id,
  toUnixTimestamp64Milli(s.session_start) AS started, toUnixTimestamp64Milli(s.session_end) AS ended,
  s.events AS events, s.screen_views AS screen_views,
  s.entry_path AS entry_path, s.entry_origin AS entry_origin, s.entry_title AS entry_title,
  s.exit_path AS exit_path, s.exit_origin AS exit_origin, s.exit_title AS exit_title,
  s.device_id AS device_id, s.profile_id AS profile_id,
  s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
  s.utm_source AS source, s.utm_medium AS medium, s.utm_campaign AS campaign, s.utm_term AS term,
  s.utm_content AS content, s.country AS country, s.region AS region, s.city AS city,
  s.browser AS browser, s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version,
  s.device AS device, s.brand AS brand, s.model AS model, s.visitor AS person
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND cityHash64(s.session_key, s.session_start) IN (SELECT cityHash64(e.session_key, e.session_start)
FROM events AS e FINAL
PREWHERE (e.visitor = {person:UInt64} OR e.visitor IN (
    SELECT node FROM identities FINAL WHERE project_id = {project:String} AND person = {person:UInt64}))
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND (s.session_start, s.session_key) < (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {key:UInt64})
ORDER BY s.session_start DESC, s.session_key DESC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773183599996, person=1, after=1773187199995, key=7, limit=101
