"""一图读懂: the year in one picture."""
