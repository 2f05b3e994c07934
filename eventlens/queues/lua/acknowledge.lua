#!lua flags=allow-oom
-- Forget a claim, count, and keep what could not be applied.
--
-- KEYS[1]  prefix of all keys
-- ARGV     queue, lane, tenure, last row of the claim, its events, its bytes, overhead of a record, now (ms),
--          number of tallies, (source, outcome, count) of each, then (body, error, arrival, events) of each letter
-- Gives DONE (also when it was done before), LOST (somebody else has the lane now), or UNKNOWN.
local prefix, lane, last = KEYS[1], ARGV[2], ARGV[4]
local state, claims = prefix .. ':state', prefix .. ':claims'

local function is_behind(one, other)
  local ms, n = string.match(one, '^(%d+)-(%d+)$')
  local other_ms, other_n = string.match(other, '^(%d+)-(%d+)$')
  ms, n, other_ms, other_n = tonumber(ms), tonumber(n), tonumber(other_ms), tonumber(other_n)
  return ms < other_ms or (ms == other_ms and n <= other_n)
end

if redis.call('HGET', state, 'queue') ~= ARGV[1] then
  return 'UNKNOWN'
end
local done = redis.call('HGET', prefix .. ':done', lane)
if done and is_behind(last, done) then
  return 'DONE'
end
if redis.call('HGET', claims, lane) ~= last then
  return 'UNKNOWN'
end
if redis.call('HGET', prefix .. ':tenures', lane) ~= ARGV[3] then
  return 'LOST'
end

local stream = prefix .. ':lane:' .. lane
repeat
  local pending = redis.call('XPENDING', stream, 'workers', '-', '+', 1000)
  local ids = {}
  for i, row in ipairs(pending) do
    ids[i] = row[1]
  end
  if #ids > 0 then
    redis.call('XACK', stream, 'workers', unpack(ids))
  end
until #pending == 0
local ms, n = string.match(last, '^(%d+)-(%d+)$')
redis.call('XTRIM', stream, 'MINID', '=', ms .. '-' .. string.format('%.0f', tonumber(n) + 1))
redis.call('HDEL', claims, lane)
redis.call('HSET', prefix .. ':done', lane, last)
redis.call('HINCRBY', state, 'events', '-' .. ARGV[5])
redis.call('HINCRBY', state, 'bytes', '-' .. ARGV[6])

local at = 10
for _ = 1, tonumber(ARGV[9]) do
  redis.call('HINCRBY', prefix .. ':tally:' .. ARGV[at], ARGV[at + 1], ARGV[at + 2])
  at = at + 3
end
while at <= #ARGV do
  local id = redis.call('HINCRBY', state, 'letters', 1)
  local size = #ARGV[at] + tonumber(ARGV[7])
  redis.call('HSET', prefix .. ':letter:' .. id, 'body', ARGV[at], 'error', ARGV[at + 1], 'arrival', ARGV[at + 2],
    'events', ARGV[at + 3], 'lane', lane, 'failed_at', ARGV[8])
  redis.call('ZADD', prefix .. ':letters', id, id)
  redis.call('HINCRBY', state, 'bytes', size)
  redis.call('HINCRBY', state, 'letter_bytes', size)
  at = at + 4
end
return 'DONE'
