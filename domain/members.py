"""Members: the people of the firm and what each role may do."""

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import MemberId


class Role(StrEnum):
    """What a member is for the firm; a member may have several."""

    PROJECT_MANAGER = "project_manager"
    SALES = "sales"
    SERVICE = "service"
    FINANCE = "finance"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the firm."""

    id: MemberId
    name: str
    roles: frozenset[Role]
    is_active: bool = True
