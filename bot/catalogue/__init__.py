"""Rewards from and into Excel and CSV, and what the command line does with them."""
