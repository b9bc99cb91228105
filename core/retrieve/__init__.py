"""First-stage retrieval: lexical, dense and team memory over the whole catalog, and their fusion."""
