"""One register on one machine: opened, locked, upgraded, backed up, restored, proved."""
