"""A whole invented year, through the real rules."""
