"""The report of a year: its figures, words and checks."""
