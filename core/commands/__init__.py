"""What the commands do: arguments in, answers out; the work is done by the package."""
