"""Pure look-ups: user agent, place, network, referrer, campaign, page, bot. Touches its own data files only."""
