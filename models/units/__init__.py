"""The tables of other agencies: published, added up for a superior."""
