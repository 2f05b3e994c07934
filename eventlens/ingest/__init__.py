"""A body becomes stored rows, in named steps. Touches accounts, enrich, the queue and the store."""
