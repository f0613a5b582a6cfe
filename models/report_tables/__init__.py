"""What do tables 二, 三 and 四 count? Their form, cells, identities, and the files they stand in."""
