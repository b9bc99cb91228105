"""The sections of the Catalog page: the book itself, what changed between releases, code sets and tables."""
