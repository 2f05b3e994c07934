#!lua
-- Rows join the ends of their lanes. Without a flag: over its memory limit Redis refuses this whole.
--
-- KEYS[1]  prefix of all keys
-- ARGV     now (ms), limit (bytes), overhead of a record (bytes), then for each row: its lane, how many records,
--          and of each: events, body, digest of its twins or '', when it was sent (ms)
-- Gives how many rows, counted from the first, found room.
local prefix = KEYS[1]
local state = prefix .. ':state'
local now, limit, overhead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', state, 'queue', 'ms', 'n', 'bytes')
if not kept[1] then
  return redis.error_reply('NOQUEUE there is no queue here')
end
local ms, n, bytes = tonumber(kept[2]), tonumber(kept[3]), tonumber(kept[4])
if now > ms then
  ms, n = now, 0
end

-- The same body of the same sender within a tenth of a second, whichever process it was sent to.
local function is_twin(digest, sent)
  local key = prefix .. ':twin:' .. digest
  local first = tonumber(redis.call('GET', key))
  if first and math.abs(sent - first) <= 100 then
    return true
  end
  redis.call('SET', key, string.format('%.0f', sent), 'PX', 2000)
  return false
end

local at, rows, all = 4, 0, 0
while at <= #ARGV and bytes < limit do
  local lane, count = ARGV[at], tonumber(ARGV[at + 1])
  at = at + 2
  local row, events = {}, 0
  for _ = 1, count do
    local twins = ARGV[at + 2]
    if twins == '' or not is_twin(twins, tonumber(ARGV[at + 3])) then
      row[#row + 1] = ARGV[at]
      row[#row + 1] = ARGV[at + 1]
      events = events + tonumber(ARGV[at])
      bytes = bytes + #ARGV[at + 1] + overhead
    end
    at = at + 4
  end
  if #row > 0 then
    if n + events > 1048576 then  -- the arrival numbers of a row follow each other
      ms, n = ms + 1, 0
    end
    redis.call('XADD', prefix .. ':lane:' .. lane, string.format('%.0f-%.0f', ms, n), unpack(row))
    redis.call('HINCRBY', prefix .. ':waiting', lane, 1)
    n = n + events
    all = all + events
  end
  rows = rows + 1
end
redis.call('HSET', state, 'ms', string.format('%.0f', ms), 'n', n, 'bytes', string.format('%.0f', bytes))
redis.call('HINCRBY', state, 'events', all)
return rows
