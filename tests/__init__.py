"""The tests. `support/` holds what they share; every other folder mirrors a part of the project."""
