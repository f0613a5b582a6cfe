"""One file a revision; each leads from the one before it, and is never edited once released."""
