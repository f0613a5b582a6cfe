"""The commands: what is typed, and how it is answered."""
