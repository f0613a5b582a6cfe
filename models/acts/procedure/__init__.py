"""What is done on the way to the reply? Fees, opinions, records from other offices, more time."""
