"""Pages of our own beside Prefect's: logging in."""
