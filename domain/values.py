"""Values that are made by the million: frozen for the type checker, plain slots when they run.

A frozen dataclass sets each field by a call, which makes it three times as slow to make; a replay
makes ten of them for every event. mypy refuses to change one, as it does with a frozen dataclass.
Where they are made for every event, that is by place, which takes half the time of names.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_type(cls: type[T]) -> type[T]:
    """Make a class a value: compared and hashed by its fields, never changed."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def caching_value_type(cls: type[T]) -> type[T]:
    """Make a class a value that may have cached properties: what it works out of itself."""
    return dataclass(unsafe_hash=True)(cls)
