"""From candidates to their final order: what a candidate and a text have in common, and a model that weighs it."""
