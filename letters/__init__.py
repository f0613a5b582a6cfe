"""WHAT WE SAY: Jinja2 for the words, python-docx for the paper (GB/T 9704)."""
