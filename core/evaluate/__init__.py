"""How good it is: dataset readers, metrics and runs."""
