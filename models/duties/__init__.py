"""What is owed in a case or waited for, by when, and from when on it is told."""
