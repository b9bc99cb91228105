"""Thin pages: widgets and layout only."""
