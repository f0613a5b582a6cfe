"""Whom is something to be told, what, and what became of it?"""
