SELECT at, rank, number FROM (
SELECT toUnixTimestamp64Milli(e.timestamp) AS at, 1 AS rank, e.arrival AS number
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
UNION ALL
SELECT
  toUnixTimestamp64Milli(e.timestamp) AS at, 0 AS rank, e.session_key AS number
FROM (SELECT 'session_start' AS name, s.session_start AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.entry_path AS path, s.entry_origin AS origin, s.entry_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS e
WHERE (e.path IN {p3:Array(String)})
UNION ALL
SELECT
  toUnixTimestamp64Milli(e.timestamp) AS at, 2 AS rank, e.session_key AS number
FROM (SELECT 'session_end' AS name, s.session_end AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.exit_path AS path, s.exit_origin AS origin, s.exit_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String} AND s.session_end >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_end < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS e
WHERE (e.path IN {p3:Array(String)}))
ORDER BY at ASC, rank ASC, number ASC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773104400000, p3=['/pricing'], limit=101

SELECT at, rank, number FROM (
SELECT toUnixTimestamp64Milli(e.timestamp) AS at, 1 AS rank, e.arrival AS number
FROM events AS e FINAL
PREWHERE (e.path IN {p3:Array(String)})
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
UNION ALL
SELECT
  toUnixTimestamp64Milli(e.timestamp) AS at, 0 AS rank, e.session_key AS number
FROM (SELECT 'session_start' AS name, s.session_start AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.entry_path AS path, s.entry_origin AS origin, s.entry_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS e
WHERE (e.path IN {p3:Array(String)})
UNION ALL
SELECT
  toUnixTimestamp64Milli(e.timestamp) AS at, 2 AS rank, e.session_key AS number
FROM (SELECT 'session_end' AS name, s.session_end AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.exit_path AS path, s.exit_origin AS origin, s.exit_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String} AND s.session_end >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_end < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS e
WHERE (e.path IN {p3:Array(String)}))
ORDER BY at ASC, rank ASC, number ASC
LIMIT {limit:UInt64};
-- project='…', start=1773104400000, end=1773187200000, p3=['/pricing'], limit=101

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
PREWHERE e.arrival IN {p6:Array(UInt64)}
WHERE e.project_id = {project:String} AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({first:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({last:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({first:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({last:Int64}, 'UTC');
-- project='…', start=1773100800000, end=1773187200000, p3=['/pricing'], first=1773187199990, last=1773187199991, p6=[1152921504606846977]

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
FROM (SELECT 'session_start' AS name, s.session_start AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.entry_path AS path, s.entry_origin AS origin, s.entry_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String} AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS e
WHERE e.session_key IN {p4:Array(UInt64)};
-- project='…', start=1773187199990, end=1773187199991, p3=['/pricing'], p4=[6989586621679009792]

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
FROM (SELECT 'session_end' AS name, s.session_end AS timestamp, toUInt64(0) AS arrival, '' AS id,
    s.session_key AS session_key, s.session_start AS session_start, s.session_id AS session_id,
    s.project_id AS project_id, s.device_id AS device_id, s.profile_id AS profile_id, s.visitor AS visitor,
    s.exit_path AS path, s.exit_origin AS origin, s.exit_title AS title, '' AS query, '' AS hash,
    '' AS language, '' AS screen, '' AS sdk, '' AS sdk_version, '{}' AS properties,
    CAST([], 'Array(String)') AS groups, CAST(NULL, 'Nullable(Int64)') AS revenue, '' AS currency,
    s.referrer AS referrer, s.referrer_name AS referrer_name, s.referrer_type AS referrer_type,
    s.utm_source AS utm_source, s.utm_medium AS utm_medium, s.utm_campaign AS utm_campaign,
    s.utm_term AS utm_term, s.utm_content AS utm_content,
    s.click_id_name AS click_id_name, s.click_id AS click_id,
    s.country AS country, s.region AS region, s.city AS city, s.browser AS browser,
    s.browser_version AS browser_version, s.os AS os, s.os_version AS os_version, s.device AS device,
    s.brand AS brand, s.model AS model
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String} AND s.session_end >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_end < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS e
WHERE e.session_key IN {p4:Array(UInt64)};
-- project='…', start=1773187199990, end=1773187199991, p3=['/pricing'], p4=[6989586621679009792]
