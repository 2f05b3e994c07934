#!lua
-- Count for several windows.
--
-- KEYS[1]  prefix of all keys
-- ARGV     for each window: its name, how often more, its length when it begins now (ms)
-- Gives for each window: how often in all, how long it still runs (ms).
local found = {}
for i = 1, #ARGV, 3 do
  local key = KEYS[1] .. ':window:' .. ARGV[i]
  local count = redis.call('INCRBY', key, ARGV[i + 1])
  local left = redis.call('PTTL', key)
  if left < 0 then
    left = tonumber(ARGV[i + 2])
    redis.call('PEXPIRE', key, left)
  end
  found[#found + 1] = count
  found[#found + 1] = left
end
return found
