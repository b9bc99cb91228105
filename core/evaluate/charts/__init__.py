"""Runs as charts: every one with a title that says what it shows, words for who cannot see it, and its table."""
