"""归档: a closed case bound into one file, its originals and their digests beside it (Art. 45)."""
