"""Letters on paper: PDF by way of LibreOffice, the day's print, envelopes, the post's list."""
