"""Turning what people say and press into use cases, and their results into views.

Lives here: platform-neutral incoming messages, parsing, commands, card actions, use cases,
reactions, views. No framework, no platform name, no query, no sentence: wording stands in
templates.
"""
