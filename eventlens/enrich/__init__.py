"""Pure look-ups: user agent, place, referrer, campaign, page, bot. Touches its own data files only."""
