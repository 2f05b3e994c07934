#!lua flags=allow-oom
-- Choose a lane, hold it, and take the claim that is pending there or the next one.
--
-- KEYS[1]  prefix of all keys
-- ARGV     worker, life of a lease (ms), events wanted, most events of a row, bytes wanted, most bytes of a row,
--          lane after which to look, now (ms), number of lanes, number of lanes held, (lane, tenure) of each,
--          lanes that are to be left alone
-- Gives {queue, lane or -1, tenure, 1 if the claim is old, rows, lanes no longer held}.
local prefix, worker, life = KEYS[1], ARGV[1], ARGV[2]
local queue = redis.call('HGET', prefix .. ':state', 'queue')
if not queue then
  return redis.error_reply('NOQUEUE there is no queue here')
end
local waiting, claims, tenures = prefix .. ':waiting', prefix .. ':claims', prefix .. ':tenures'
local after, now, lanes, held = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local OVERDUE = 250

local mine, gone, alone = {}, {}, {}
for i = 1, held do
  local lane, tenure = ARGV[9 + 2 * i], ARGV[10 + 2 * i]
  if redis.call('HGET', tenures, lane) == tenure then
    mine[lane] = tenure
  else
    gone[#gone + 1] = lane
  end
end
for i = 11 + 2 * held, #ARGV do
  alone[ARGV[i]] = true
end

local function stream_of(lane)
  return prefix .. ':lane:' .. lane
end

local function is_overdue(lane)
  local first = redis.call('XRANGE', stream_of(lane), '-', '+', 'COUNT', 1)[1]
  return first and now - tonumber(string.match(first[1], '^%d+')) > OVERDUE
end

-- A worker keeps to its lanes and takes another one when it is idle, or when nobody else does for a while.
-- While there is a pause (redis.py), only what is a claim already.
local own, free, foreign = {}, {}, 0
local is_paused = redis.call('EXISTS', prefix .. ':pause') == 1
for step = 1, lanes do
  local lane = tostring((after + step) % lanes)
  if not alone[lane] and ((not is_paused and tonumber(redis.call('HGET', waiting, lane) or 0) > 0)
      or redis.call('HEXISTS', claims, lane) == 1) then
    if mine[lane] then
      own[#own + 1] = lane
    elseif redis.call('EXISTS', prefix .. ':lease:' .. lane) == 0 then
      free[#free + 1] = lane
    else
      foreign = foreign + 1
    end
  end
end
local lane = own[1] or free[1]
if own[1] and free[1] and is_overdue(free[1]) then
  lane = free[1]
end
local wish = prefix .. ':wish'
if not lane then
  if foreign > 0 then
    redis.call('SET', wish, worker, 'PX', 1000)  -- idle, while others have several lanes perhaps
  end
  return {queue, -1, 0, 0, {}, gone}
end
local wisher = redis.call('GET', wish)
if wisher and wisher ~= worker then
  for _, spare in ipairs(own) do
    if spare ~= lane and redis.call('HEXISTS', claims, spare) == 0 then
      redis.call('DEL', prefix .. ':lease:' .. spare, wish)
      redis.call('HINCRBY', tenures, spare, 1)
      gone[#gone + 1] = spare
      break
    end
  end
end

local stream = stream_of(lane)
if not mine[lane] then
  mine[lane] = tostring(redis.call('HINCRBY', tenures, lane, 1))
  redis.pcall('XGROUP', 'CREATE', stream, 'workers', '0', 'MKSTREAM')
end
redis.call('SET', prefix .. ':lease:' .. lane, mine[lane], 'PX', life)

-- What somebody has taken and not acknowledged is a claim already, whoever that was.
local rows, old, from = {}, 0, '0-0'
repeat
  local found = redis.call('XAUTOCLAIM', stream, 'workers', worker, 0, from, 'COUNT', 1000)
  from = found[1]
  for _, row in ipairs(found[2]) do
    rows[#rows + 1] = row
    old = 1
  end
until from == '0-0'

if old == 0 then
  local events, row_events, bytes, row_bytes =
    tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  while events > 0 and bytes > 0 do
    local count = math.max(1, math.floor(math.min(events / row_events, bytes / row_bytes)))
    local read = redis.call('XREADGROUP', 'GROUP', 'workers', worker, 'COUNT', count, 'STREAMS', stream, '>')
    if not read then
      break
    end
    for _, row in ipairs(read[1][2]) do
      rows[#rows + 1] = row
      for i = 1, #row[2], 2 do
        events = events - tonumber(string.match(row[2][i], '^%d+'))
        bytes = bytes - #row[2][i + 1]
      end
    end
  end
  if #rows == 0 then
    redis.call('HDEL', waiting, lane)
    return {queue, -1, 0, 0, {}, gone}
  end
  redis.call('HINCRBY', waiting, lane, -#rows)
  redis.call('HSET', claims, lane, rows[#rows][1])
end
return {queue, tonumber(lane), tonumber(mine[lane]), old, rows, gone}
