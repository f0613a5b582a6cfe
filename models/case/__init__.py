"""What is a case? Where it stands, what its events add up to, what an act is."""
