"""Rows and transactions: the database behind the ports of the domain.

Lives here: tables, migrations, the unit of work, one repository per noun, the delivery queue. Does
not live here: decisions (domain), wording (templates), anything that sends (bot).
"""
