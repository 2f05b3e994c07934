WITH wanted AS (SELECT DISTINCT session_key, named_key FROM replay_chunks
  WHERE project_id = {project:String} AND expires > toDateTime({now:Int64}, 'UTC')
    AND started_at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC') AND started_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC')),
  known AS (SELECT session_key, toUnixTimestamp64Milli(session_start) AS start_ms,
    toUnixTimestamp64Milli(session_end) AS end_ms, session_id, device_id, profile_id
  FROM sessions FINAL
  WHERE project_id = {project:String}
    AND session_key IN (SELECT arrayJoin([session_key, named_key]) FROM wanted)),
  placed AS (SELECT
    multiIf(n.session_key != 0, 1, a.session_key != 0 AND c.from_ms < a.end_ms + {gap:Int64}, 2,
      b.session_key != 0 AND b.start_ms < c.to_ms + {gap:Int64}, 3, 4) AS found,
    multiIf(found = 1 OR found = 4 AND c.session_key = 0, c.named_key, c.session_key) AS key,
    [n.start_ms, a.start_ms, b.start_ms, 0][found] AS start_ms,
    [n.session_id, a.session_id, b.session_id, c.sent][found] AS named,
    [n.device_id, a.device_id, b.device_id, ''][found] AS of_device,
    [n.profile_id, a.profile_id, b.profile_id, ''][found] AS of_profile,
    if(named != '', named, replaceAll(replaceAll(substring(base64Encode(MD5(concat(
    {project:String}, '/', toString(key), '/', toString(start_ms)))), 1, 22), '+', '-'), '/', '_')) AS id,
    c.session_key AS chunk_key, c.named_key AS chunk_named, c.chunk_index AS chunk_index,
    c.digest AS digest, c.from_ms AS from_ms, c.to_ms AS to_ms, c.size AS size, c.events AS events,
    c.is_full AS is_full, c.device AS device, c.profile AS profile
  FROM (SELECT session_key, named_key, chunk_index, digest,
    any(session_id) AS sent, any(device_id) AS device, any(profile_id) AS profile,
    min(toUnixTimestamp64Milli(started_at)) AS from_ms, min(toUnixTimestamp64Milli(ended_at)) AS to_ms,
    any(bytes) AS size, any(events_count) AS events, any(is_full_snapshot) AS is_full
  FROM replay_chunks
  WHERE project_id = {project:String} AND expires > toDateTime({now:Int64}, 'UTC')
    AND (session_key, named_key) IN (SELECT session_key, named_key FROM wanted)
  GROUP BY session_key, named_key, chunk_index, digest) AS c
  LEFT ANY JOIN known AS n ON n.session_key = c.named_key
  ASOF LEFT JOIN known AS a ON a.session_key = c.session_key AND c.to_ms >= a.start_ms
  ASOF LEFT JOIN known AS b ON b.session_key = c.session_key AND c.to_ms <= b.start_ms)
SELECT id, cityHash64(id) AS place, max(if(of_device != '', of_device, device)) AS device_id,
  max(if(of_profile != '', of_profile, profile)) AS profile_id,
  min(from_ms) AS started, max(to_ms) AS ended, uniqExact(chunk_index, digest) AS chunks, sum(size) AS bytes
FROM placed
GROUP BY id
HAVING started >= toUnixTimestamp64Milli(fromUnixTimestamp64Milli({start:Int64}, 'UTC')) AND started < toUnixTimestamp64Milli(fromUnixTimestamp64Milli({end:Int64}, 'UTC'))
  AND (started, place) < ({after:Int64}, {after_key:UInt64})
ORDER BY started DESC, place DESC
LIMIT {limit:UInt64};
-- project='…', start=1773100800000, end=1773187200000, now=1773187200, gap=1800000, after=1773187199995, after_key=7, limit=101
