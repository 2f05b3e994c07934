"""Pure look-ups: user agent, place, network, referrer, campaign, page, bot. Touches only its data files."""
