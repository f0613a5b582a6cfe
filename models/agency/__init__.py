"""Who are we? The agency, its officers and their roles, its rules for sending and codes, its remedy."""
