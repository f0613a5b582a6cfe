"""The year's report: made, worded, signed, added up."""
