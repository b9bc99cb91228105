"""Training, from public tables and written corpora to a model folder with its card."""
