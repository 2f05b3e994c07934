#!lua flags=allow-oom
-- End a pause; workers learn anew from the store what they know of some lanes, counted from the first.
--
-- KEYS[1]  prefix of all keys
-- ARGV     the word of the pause, number of lanes
-- Gives 1, or 0 where the pause was over before.
local prefix = KEYS[1]
local held = redis.call('GET', prefix .. ':pause') == ARGV[1]
for lane = 0, tonumber(ARGV[2]) - 1 do
  redis.call('HINCRBY', prefix .. ':tenures', lane, 1)
  redis.call('DEL', prefix .. ':lease:' .. lane)
end
if held then
  redis.call('DEL', prefix .. ':pause')
  return 1
end
return 0
