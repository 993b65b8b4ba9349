"""Pieces of cards that several views share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A button: what it carries; its caption stands in the template, by choice."""

    ticket: str
    choice: str

    @property
    def action(self) -> str:
        """What the platform carries and gives back."""
        return f"{self.ticket}:{self.choice}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to choose from."""

    label: str
    action: str
