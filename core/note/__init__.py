"""From a document to the passages in it that name a diagnosis."""
