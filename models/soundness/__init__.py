"""Is the register whole, does config still fit it, and has the clock gone back?"""
