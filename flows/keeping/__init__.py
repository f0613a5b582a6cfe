"""Is what was recorded all there, and what goes by itself when its time is over?"""
