"""What the names in a file mean: customers, projects, contacts, milestones, each read once."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from domain.customers import Contact, Customer
from domain.errors import Ambiguous, UnknownCustomer, UnknownProject
from domain.ids import CustomerId, ProjectId
from domain.projects import Milestone, Project
from handlers.contract import Context
from handlers.parsing.names import Match, Named, NameIndex, Reason, fold

GUESSES_MAX = 3
_SURE = (Reason.CODE, Reason.EXACT, Reason.CORE)
"""How a name must match to be taken without asking: nobody is there to be asked."""
IdT = TypeVar("IdT", bound=str)


class Names(Generic[IdT]):
    """Codes and names of one kind of thing."""

    def __init__(self, named: Iterable[Named[IdT]]) -> None:
        """Sort them by code and by name."""
        self._named = list(named)
        self._exact = {one.code: one for one in self._named}
        self._codes: dict[str, list[Named[IdT]]] = {}
        self._names: dict[str, list[Named[IdT]]] = {}
        for one in self._named:
            self._codes.setdefault(fold(one.code), []).append(one)
            for name in dict.fromkeys(map(fold, (one.name, *one.aliases))):
                self._names.setdefault(name, []).append(one)

    def meant(self, typed: str) -> list[Named[IdT]]:
        """Give what is certainly meant: by code, else by the whole name, else but for 有限公司.

        Several when it fits them equally well, none when it fits nothing.
        """
        if typed in self._exact:
            return [self._exact[typed]]
        folded = fold(typed)
        found = self._codes.get(folded) or self._names.get(folded)
        if found:
            return found
        sure = [match for match in self._index.rank(typed) if match.reason in _SURE]
        return [match.named for match in sure if match.reason is sure[0].reason]

    def guesses(self, typed: str) -> tuple[str, ...]:
        """Name what may have been meant, best first."""
        near: list[Match[IdT]] = self._index.rank(typed, limit=GUESSES_MAX)
        return tuple(match.named.name for match in near)

    @cached_property
    def _index(self) -> NameIndex[IdT]:
        return NameIndex(self._named)


class Directory:
    """Everything the rows of a file can name, as it is in this transaction."""

    def __init__(self, ctx: Context) -> None:
        """Read all customers and projects."""
        self._ctx = ctx
        self.customers: Mapping[CustomerId, Customer] = {
            one.id: one for one in ctx.work.customers.all()
        }
        self.projects: Mapping[ProjectId, Project] = {
            one.id: one for one in ctx.work.projects.all()
        }
        spelled = ctx.work.files.spellings()
        self._customer_names = Names(
            Named(one.id, one.name, one.code, spelled.get(one.id, ()))
            for one in self.customers.values()
        )
        self._project_names = Names(
            Named(one.id, one.name, one.code) for one in self.projects.values()
        )
        self._contacts: dict[CustomerId, list[Contact]] = {}
        self._milestones: dict[ProjectId, list[Milestone]] = {}

    def customer(self, typed: str) -> Customer:
        """Find the customer of a code or name.

        Raises:
            UnknownCustomer: there is none.
            Ambiguous: there are several.
        """
        found = self._customer_names.meant(typed)
        if not found:
            raise UnknownCustomer(typed, self._customer_names.guesses(typed))
        if len(found) > 1:
            raise Ambiguous("customer", tuple(f"{one.name}({one.code})" for one in found))
        return self.customers[found[0].id]

    def project(self, typed: str, customer: CustomerId | None) -> Project:
        """Find the project of a code or name, among a customer's where one is given.

        A project of somebody else is given rather than none, so that this can be said.

        Raises:
            UnknownProject: there is none.
            Ambiguous: there are several.
        """
        found = self._project_names.meant(typed)
        own = [one for one in found if self.projects[one.id].customer == customer]
        found = own or found
        if not found:
            raise UnknownProject(typed, self._project_names.guesses(typed))
        if len(found) > 1:
            raise Ambiguous("project", tuple(f"{one.name}({one.code})" for one in found))
        return self.projects[found[0].id]

    def contact(self, customer: CustomerId, name: str) -> Contact | None:
        """Find a customer's contact by the whole name; None unless it is exactly one."""
        if customer not in self._contacts:
            self._contacts[customer] = self._ctx.work.customers.contacts(customer)
        found = [one for one in self._contacts[customer] if fold(one.name) == fold(name)]
        return found[0] if len(found) == 1 else None

    def milestone(self, project: ProjectId, name: str) -> Milestone | None:
        """Find a project's milestone by the whole name; None unless it is exactly one."""
        if project not in self._milestones:
            self._milestones[project] = self._ctx.work.projects.milestones(project)
        found = [one for one in self._milestones[project] if fold(one.name) == fold(name)]
        return found[0] if len(found) == 1 else None
