#!lua
-- Tell the other processes something, and hear what they have told lately.
--
-- KEYS[1]  prefix of all keys
-- ARGV     topic, who tells, what ('' for nothing), id up to which everything was heard, how long news are kept (ms)
-- Gives that id, moved on, and what others have told since, the oldest first.
local stream = KEYS[1] .. ':news:' .. ARGV[1]
local heard = {ARGV[4]}
if ARGV[3] ~= '' then
  local now = redis.call('TIME')
  local oldest = tonumber(now[1]) * 1000 - tonumber(ARGV[5])
  redis.call('XADD', stream, 'MINID', '~', string.format('%.0f', oldest), '*', ARGV[2], ARGV[3])
  redis.call('PEXPIRE', stream, ARGV[5])
end
for _, row in ipairs(redis.call('XRANGE', stream, '(' .. ARGV[4], '+', 'COUNT', 1000)) do
  heard[1] = row[1]
  if row[2][1] ~= ARGV[2] then
    heard[#heard + 1] = row[2][2]
  end
end
return heard
