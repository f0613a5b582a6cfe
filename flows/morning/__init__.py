"""What happens by the clock: the morning's sweep, alerts sent."""
