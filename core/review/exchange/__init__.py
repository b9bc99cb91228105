"""What goes in and out of review projects: documents with annotations in, accepted annotations and the log out."""
