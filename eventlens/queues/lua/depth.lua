#!lua flags=no-writes,allow-oom
-- KEYS[1]  prefix of all keys
-- ARGV     number of lanes, then (lane, tenure) of each lane held
-- Gives {events that wait, id of the oldest row or '', 1 if there is a row that this worker might claim}.
local prefix, lanes = KEYS[1], tonumber(ARGV[1])
local mine = {}
for i = 2, #ARGV, 2 do
  mine[ARGV[i]] = ARGV[i + 1]
end
local oldest_ms, oldest, ready = nil, '', 0
for number = 0, lanes - 1 do
  local lane = tostring(number)
  local waits = tonumber(redis.call('HGET', prefix .. ':waiting', lane) or 0) > 0
  local claimed = redis.call('HEXISTS', prefix .. ':claims', lane) == 1
  if waits or claimed then
    local first = redis.call('XRANGE', prefix .. ':lane:' .. lane, '-', '+', 'COUNT', 1)[1]
    if first then
      local ms = tonumber(string.match(first[1], '^%d+'))
      if not oldest_ms or ms < oldest_ms then
        oldest_ms, oldest = ms, first[1]
      end
    end
    local lease = redis.call('GET', prefix .. ':lease:' .. lane)
    if lease == mine[lane] and lease then
      ready = (waits and not claimed) and 1 or ready
    elseif not lease then
      ready = 1
    end
  end
end
return {tonumber(redis.call('HGET', prefix .. ':state', 'events') or 0), oldest, ready}
