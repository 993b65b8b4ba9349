"""Decisions about points, projects, reviews and alerts.

Lives here: facts, states, refusals and the pure functions that decide. Nothing here reads a clock,
a database, the network or a random number; everything needed is passed in.
"""
