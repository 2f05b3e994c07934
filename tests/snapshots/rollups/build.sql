SELECT toUnixTimestamp64Milli(min(timestamp)) FROM events WHERE project_id = {project:String} AND toDate(timestamp) = (SELECT toDate(timestamp) FROM events WHERE project_id = {project:String} ORDER BY project_id, toDate(timestamp) LIMIT 1) HAVING count() > 0;
-- project='…'

SELECT hour, sum(count) FROM touches
WHERE project_id = {project:String} AND hour >= {first:Int64} AND hour <= {last:Int64}
GROUP BY hour;
-- project='…', first=492528, last=492576

SELECT
  toUnixTimestamp64Milli(bucket_start), toUnixTimestamp64Milli(bucket_end), touched, version
FROM rollup_totals FINAL WHERE project_id = {project:String};
-- project='…'

SELECT
  toUnixTimestamp64Milli(bucket_start), toUnixTimestamp64Milli(bucket_end), touched, version
FROM rollup_lists FINAL WHERE project_id = {project:String};
-- project='…'

SELECT hour, sum(count) FROM touches
WHERE project_id = {project:String} AND hour >= {first:Int64} AND hour <= {last:Int64}
GROUP BY hour;
-- project='…', first=492528, last=492552

SELECT 1 FROM identities WHERE project_id = {project:String} LIMIT 1;
-- project='…'

INSERT INTO rollup_totals (project_id, grain, bucket_start, bucket_end, version, touched,
  events, views, sessions, bounces, duration, session_views, people)
SELECT {project:String}, {p12:UInt8}, fromUnixTimestamp64Milli(bucket, 'UTC'),
  fromUnixTimestamp64Milli({p4:Array(Int64)}[indexOf({p3:Array(Int64)}, bucket)], 'UTC'), {p13:UInt64},
  {p5:Array(UInt64)}[indexOf({p3:Array(Int64)}, bucket)],
  sum(events), sum(views), sum(sessions), sum(bounces), sum(duration), sum(session_views),
  uniqCombined64MergeState(14)(people)
FROM (
SELECT arrayJoin({p3:Array(Int64)}) AS bucket, 0 AS pieces, 0 AS events, 0 AS views, 0 AS sessions, 0 AS bounces,
  0 AS duration, 0 AS session_views, uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
GROUP BY bucket
UNION ALL
SELECT roundDown(toUnixTimestamp64Milli(e.timestamp), {p3:Array(Int64)}) AS bucket, 0 AS pieces,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration,
  0 AS session_views, uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String} AND toDate(e.timestamp) IN {p6:Array(Date)}
  AND roundDown(toUnixTimestamp64Milli(e.timestamp), {p7:Array(Int64)}) IN {p8:Array(Int64)}
GROUP BY bucket
UNION ALL
SELECT roundDown(toUnixTimestamp64Milli(s.session_start), {p3:Array(Int64)}) AS bucket, 0 AS pieces,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces,
  toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String} AND toDate(s.session_start) IN {p9:Array(Date)}
  AND roundDown(toUnixTimestamp64Milli(s.session_start), {p10:Array(Int64)}) IN {p11:Array(Int64)}
GROUP BY bucket)
GROUP BY bucket
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, p3=[1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000], p4=[1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000, 1773187200000], p5=[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], p6=[datetime.date(2026, 3, 10)], p7=[0, 1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000, 1773187200000], p8=[1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000], p9=[datetime.date(2026, 3, 10)], p10=[0, 1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000, 1773187200000], p11=[1773100800000, 1773104400000, 1773108000000, 1773111600000, 1773115200000, 1773118800000, 1773122400000, 1773126000000, 1773129600000, 1773133200000, 1773136800000, 1773140400000, 1773144000000, 1773147600000, 1773151200000, 1773154800000, 1773158400000, 1773162000000, 1773165600000, 1773169200000, 1773172800000, 1773176400000, 1773180000000, 1773183600000], p12=0, p13=…

SELECT hour, sum(count) FROM touches
WHERE project_id = {project:String} AND hour >= {first:Int64} AND hour <= {last:Int64}
GROUP BY hour;
-- project='…', first=492528, last=492552

SELECT 1 FROM identities WHERE project_id = {project:String} LIMIT 1;
-- project='…'

INSERT INTO rollup_totals (project_id, grain, bucket_start, bucket_end, version, touched,
  events, views, sessions, bounces, duration, session_views, people)
SELECT {project:String}, {p12:UInt8}, fromUnixTimestamp64Milli(bucket, 'UTC'),
  fromUnixTimestamp64Milli({p4:Array(Int64)}[indexOf({p3:Array(Int64)}, bucket)], 'UTC'), {p13:UInt64},
  {p5:Array(UInt64)}[indexOf({p3:Array(Int64)}, bucket)],
  sum(events), sum(views), sum(sessions), sum(bounces), sum(duration), sum(session_views),
  uniqCombined64MergeState(14)(people)
FROM (
SELECT arrayJoin({p3:Array(Int64)}) AS bucket, 0 AS pieces, 0 AS events, 0 AS views, 0 AS sessions, 0 AS bounces,
  0 AS duration, 0 AS session_views, uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
GROUP BY bucket
UNION ALL
SELECT roundDown(toUnixTimestamp64Milli(e.timestamp), {p3:Array(Int64)}) AS bucket, 0 AS pieces,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration,
  0 AS session_views, uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String} AND toDate(e.timestamp) IN {p6:Array(Date)}
  AND roundDown(toUnixTimestamp64Milli(e.timestamp), {p7:Array(Int64)}) IN {p8:Array(Int64)}
GROUP BY bucket
UNION ALL
SELECT roundDown(toUnixTimestamp64Milli(s.session_start), {p3:Array(Int64)}) AS bucket, 0 AS pieces,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces,
  toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String} AND toDate(s.session_start) IN {p9:Array(Date)}
  AND roundDown(toUnixTimestamp64Milli(s.session_start), {p10:Array(Int64)}) IN {p11:Array(Int64)}
GROUP BY bucket)
GROUP BY bucket
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, p3=[1773100800000], p4=[1773187200000], p5=[1], p6=[datetime.date(2026, 3, 10)], p7=[0, 1773100800000, 1773187200000], p8=[1773100800000], p9=[datetime.date(2026, 3, 10)], p10=[0, 1773100800000, 1773187200000], p11=[1773100800000], p12=1, p13=…

SELECT hour, sum(count) FROM touches
WHERE project_id = {project:String} AND hour >= {first:Int64} AND hour <= {last:Int64}
GROUP BY hour;
-- project='…', first=492528, last=492552

SELECT 1 FROM identities WHERE project_id = {project:String} LIMIT 1;
-- project='…'

SELECT 1 FROM events AS e WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') LIMIT 1;
-- project='…', start=1773100800000, end=1773187200000

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT tupleElement(arrayJoin([('referrer', toString(e.referrer)), ('referrer_name', toString(e.referrer_name)), ('referrer_type', toString(e.referrer_type)), ('utm_source', toString(e.utm_source)), ('utm_medium', toString(e.utm_medium)), ('utm_campaign', toString(e.utm_campaign)), ('utm_term', toString(e.utm_term)), ('utm_content', toString(e.utm_content))]) AS pair, 1) AS list, tupleElement(pair, 2) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT tupleElement(arrayJoin([('referrer', toString(s.referrer)), ('referrer_name', toString(s.referrer_name)), ('referrer_type', toString(s.referrer_type)), ('utm_source', toString(s.utm_source)), ('utm_medium', toString(s.utm_medium)), ('utm_campaign', toString(s.utm_campaign)), ('utm_term', toString(s.utm_term)), ('utm_content', toString(s.utm_content))]) AS pair, 1) AS list, tupleElement(pair, 2) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT tupleElement(arrayJoin([('name', toString(e.name)), ('country', toString(e.country)), ('region', toString(e.region)), ('city', toString(e.city))]) AS pair, 1) AS list, tupleElement(pair, 2) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT v.named AS list, v.value AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT DISTINCT tupleElement(arrayJoin([('name', toString(e.name)), ('country', toString(e.country)), ('region', toString(e.region)), ('city', toString(e.city))]) AS pair, 1) AS named, tupleElement(pair, 2) AS value, cityHash64(e.session_key, e.session_start) AS session
  
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS v
INNER JOIN (
  SELECT cityHash64(s.session_key, s.session_start) AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS s USING (session)
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT tupleElement(arrayJoin([('device', toString(e.device)), ('browser', toString(e.browser)), ('browser_version', toString(e.browser_version)), ('os', toString(e.os))]) AS pair, 1) AS list, tupleElement(pair, 2) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT v.named AS list, v.value AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT DISTINCT tupleElement(arrayJoin([('device', toString(e.device)), ('browser', toString(e.browser)), ('browser_version', toString(e.browser_version)), ('os', toString(e.os))]) AS pair, 1) AS named, tupleElement(pair, 2) AS value, cityHash64(e.session_key, e.session_start) AS session
  
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS v
INNER JOIN (
  SELECT cityHash64(s.session_key, s.session_start) AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS s USING (session)
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT tupleElement(arrayJoin([('os_version', toString(e.os_version)), ('brand', toString(e.brand)), ('model', toString(e.model))]) AS pair, 1) AS list, tupleElement(pair, 2) AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  count() AS events, countIf(e.name = 'screen_view') AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT v.named AS list, v.value AS first, '' AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, toUInt64(sum(toUnixTimestamp64Milli(s.session_end) - toUnixTimestamp64Milli(s.session_start))) AS duration, sum(s.screen_views) AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT DISTINCT tupleElement(arrayJoin([('os_version', toString(e.os_version)), ('brand', toString(e.brand)), ('model', toString(e.model))]) AS pair, 1) AS named, tupleElement(pair, 2) AS value, cityHash64(e.session_key, e.session_start) AS session
  
FROM events AS e FINAL
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS v
INNER JOIN (
  SELECT cityHash64(s.session_key, s.session_start) AS session, s.session_start AS session_start, s.session_end AS session_end,
    s.screen_views AS screen_views
  FROM sessions AS s FINAL
  WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')) AS s USING (session)
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT 'page' AS list, e.path AS first, toString(e.origin) AS second, argMaxIf(e.title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival, e.title != '') AS title,
  maxIf(e.timestamp, e.title != '') AS titled,
  count() AS events, count() AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(e.visitor, e.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(e.visitor, e.visitor != 0) AS people
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT 'page' AS list, e.path AS first, toString(e.origin) AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, uniqExact(cityHash64(e.session_key, e.session_start)) AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM events AS e FINAL
PREWHERE e.name = 'screen_view'
WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.session_key != 0 AND e.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
GROUP BY list, first, second
UNION ALL
SELECT 'page' AS list, tupleElement(step.1, 2) AS first, tupleElement(step.1, 1) AS second, '' AS title, toDateTime64(0, 3, 'UTC') AS titled,
  0 AS events, 0 AS views, 0 AS sessions, 0 AS bounces, 0 AS duration, 0 AS session_views, count() AS gaps, toUInt64(sum(step.2)) AS spent, 0 AS visitors,
  uniqCombined64StateIf(14)(toUInt64(0), 0) AS people
FROM (
  SELECT groupArray(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(e.timestamp)), 64) + e.arrival) AS at,
    arrayMap(each -> toInt64(bitShiftRight(each, 64)), arraySort(at)) AS times,
    arraySort((each, order) -> order, groupArray((toString(e.origin), e.path)), at) AS pages,
    arraySort((each, order) -> order, groupArray(e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')), at) AS counted,
    arrayJoin(arrayFilter((step, counts) -> counts,
      arrayZip(arrayPopBack(pages), arrayPopFront(arrayDifference(times))), arrayPopBack(counted))) AS step
  FROM events AS e FINAL
  PREWHERE e.name = 'screen_view'
  WHERE e.project_id = {project:String} AND e.session_key != 0
    AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate((SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < (SELECT max(s.session_end) + INTERVAL 30 MINUTE FROM sessions AS s WHERE s.project_id = {project:String}
    AND toDate(s.session_start) >= toDate((SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0)) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= (SELECT min(e.session_start) FROM events AS e
    WHERE e.project_id = {project:String}
  AND toDate(e.timestamp) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(e.timestamp) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND e.timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC') AND e.session_key != 0) AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  GROUP BY cityHash64(e.session_key, e.session_start)
  HAVING length(at) > 1)
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT 'page_entry' AS list, s.entry_path AS first, toString(s.entry_origin) AS second, argMaxIf(s.entry_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.entry_time)), 64) + s.entry_arrival, s.entry_title != '') AS title,
  maxIf(s.entry_time, s.entry_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_rows (project_id, bucket_start, version,
  list, key, first, second, title, titled, events, views, sessions, bounces, duration, session_views, gaps, spent, visitors, people)
SELECT {project:String}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), {version:UInt64}, b.list AS list,
  if(startsWith(list, 'page'), cityHash64(second, first), cityHash64(first, second)) AS key, b.first AS first, b.second AS second,
  argMax(b.title, b.titled) AS title, max(b.titled) AS titled,
  sum(b.events) AS events, sum(b.views) AS views, sum(b.sessions) AS sessions, sum(b.bounces) AS bounces, sum(b.duration) AS duration, sum(b.session_views) AS session_views, sum(b.gaps) AS gaps, sum(b.spent) AS spent, sum(b.visitors) AS visitors,
  uniqCombined64MergeState(14)(b.people) AS people
FROM (
SELECT 'page_exit' AS list, s.exit_path AS first, toString(s.exit_origin) AS second, argMaxIf(s.exit_title, bitShiftLeft(toUInt128(toUnixTimestamp64Milli(s.exit_time)), 64) + s.exit_arrival, s.exit_title != '') AS title,
  maxIf(s.exit_time, s.exit_title != '') AS titled,
  0 AS events, 0 AS views, count() AS sessions, countIf(s.screen_views = 1) AS bounces, 0 AS duration, 0 AS session_views, 0 AS gaps, 0 AS spent, uniqExactIf(s.visitor, s.visitor != 0) AS visitors,
  uniqCombined64StateIf(14)(s.visitor, s.visitor != 0) AS people
FROM sessions AS s FINAL
WHERE s.project_id = {project:String}
  AND toDate(s.session_start) >= toDate(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND toDate(s.session_start) <= toDate(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND s.session_start >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND s.session_start < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
  AND s.screen_views > 0
GROUP BY list, first, second) AS b
GROUP BY list, first, second
SETTINGS max_threads = 1, max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1,
  max_memory_usage = 1000000000, max_bytes_before_external_group_by = 300000000,
  max_bytes_before_external_sort = 300000000;
-- project='…', start=1773100800000, end=1773187200000, version=…

INSERT INTO rollup_lists (project_id, grain, bucket_start, bucket_end,
  version, touched, events, sizes)
SELECT {project:String}, {grain:UInt8}, fromUnixTimestamp64Milli({start:Int64}, 'UTC'), fromUnixTimestamp64Milli({end:Int64}, 'UTC'),
  {version:UInt64}, {touched:UInt64},
  sumIf(r.events, r.list = 'name'), sumMap(map(r.list, toUInt64(1)))
FROM rollup_rows AS r
WHERE r.project_id = {project:String} AND r.bucket_start = fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND r.version = {version:UInt64};
-- project='…', start=1773100800000, end=1773187200000, version=…, grain=1, touched=1
