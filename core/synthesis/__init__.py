"""The data factory: written examples, how they are checked, and how a language model writes more."""
