"""The sections of the review page. Each has `section(store, person, project)`."""
