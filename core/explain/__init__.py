"""The evidence behind one candidate code: computed from what found it, never guessed."""
