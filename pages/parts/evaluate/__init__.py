"""The sections of the evaluation page, one a module, each with one function that shows it."""
