"""WHAT IS TRUE: tables and law; pure; no Prefect, no Word, no clock, no environment."""
