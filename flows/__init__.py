"""WHEN THINGS HAPPEN: the only room with Prefect, APScheduler, the clock, the session, the disk."""
