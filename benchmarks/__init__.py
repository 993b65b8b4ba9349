"""Measurements of the running program: real processes, real wire formats, answers checked."""
