#!lua flags=no-writes,allow-oom
-- KEYS[1]  prefix of all keys
-- ARGV     lane, id before which to look ('+' for the newest)
-- Gives some rows, the newest first. (The client library would make a dictionary of a row's fields.)
return redis.call('XREVRANGE', KEYS[1] .. ':lane:' .. ARGV[1], ARGV[2], '-', 'COUNT', 16)
