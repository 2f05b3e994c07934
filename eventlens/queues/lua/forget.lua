#!lua flags=allow-oom
-- Forget dead letters: some by their ids, the oldest that failed before a time, the oldest above a size.
--
-- KEYS[1]  prefix of all keys
-- ARGV     failed before (ms), most bytes ('' for any number), overhead of a record (bytes), ids
-- Gives how many that were.
local prefix, state = KEYS[1], KEYS[1] .. ':state'
local letters = prefix .. ':letters'
local before, most, overhead, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), 0

local function forget(id)
  local letter = prefix .. ':letter:' .. id
  if redis.call('ZREM', letters, id) == 1 then
    local size = redis.call('HSTRLEN', letter, 'body') + overhead
    redis.call('HINCRBY', state, 'bytes', -size)
    redis.call('HINCRBY', state, 'letter_bytes', -size)
    redis.call('DEL', letter)
    count = count + 1
  end
end

for i = 4, #ARGV do
  forget(ARGV[i])
end
while true do
  local id = redis.call('ZRANGE', letters, 0, 0)[1]
  if not id then
    break
  end
  local failed_at = tonumber(redis.call('HGET', prefix .. ':letter:' .. id, 'failed_at'))
  local held = tonumber(redis.call('HGET', state, 'letter_bytes') or 0)
  if failed_at >= before and not (most and held > most) then
    break
  end
  forget(id)
end
return count
