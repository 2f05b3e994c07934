#!lua flags=allow-oom
-- Go on holding lanes, or let go of them.
--
-- KEYS[1]  prefix of all keys
-- ARGV     life of a lease (ms; 0 lets go), then (lane, tenure) of each lane held
-- Gives the lanes that somebody else has held since: their leases are not touched.
local prefix, life, gone = KEYS[1], tonumber(ARGV[1]), {}
for i = 2, #ARGV, 2 do
  local lane, tenure = ARGV[i], ARGV[i + 1]
  local lease = prefix .. ':lease:' .. lane
  if redis.call('HGET', prefix .. ':tenures', lane) ~= tenure then
    gone[#gone + 1] = lane
  elseif life > 0 then
    redis.call('SET', lease, tenure, 'PX', ARGV[1])
  else
    redis.call('DEL', lease)
  end
end
return gone
