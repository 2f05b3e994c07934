-- The nodes of rows that are there already come from store/profile_nodes.py: the engine has no such hash.
ALTER TABLE profile_changes ADD COLUMN IF NOT EXISTS node UInt64 CODEC(ZSTD(1)) AFTER value;
