"""Annotation review: projects of notes, what machine and reviewers say of them, and the event log that is the truth."""
