"""Pieces of cards that several views share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to choose from."""

    label: str
    action: str
