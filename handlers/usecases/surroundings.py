"""What rules can ask about an event beyond its own data.

Its customer, project and contact as they are now, and the text in which that is stored and sealed
with the event.
"""

import json
from collections.abc import Mapping

from domain.events import BusinessEvent, FactValue, json_text
from domain.ids import CustomerId, ProjectId
from domain.rules.fields import CONTACT, MANAGER, PROJECT, SEGMENTS
from handlers.contract import Context
from handlers.usecases.books import refuse_merged


class Surroundings:
    """Reads what is around the events of one transaction, each customer and project once."""

    def __init__(self, ctx: Context) -> None:
        """Begin with nothing read."""
        self._ctx = ctx
        self._read: dict[object, tuple[dict[str, FactValue], str]] = {}
        self._customers: dict[CustomerId, dict[str, FactValue]] = {}
        self._projects: dict[ProjectId, dict[str, FactValue]] = {}

    def of(self, event: BusinessEvent) -> tuple[dict[str, FactValue], str]:
        """Give the facts around an event, and their text."""
        about = (event.customer, event.project, event.contact)
        found = self._read.get(about)
        if found is None:
            facts = self._facts(event)
            found = self._read[about] = (facts, facts_text(facts))
        return found

    def _facts(self, event: BusinessEvent) -> dict[str, FactValue]:
        customer, project = event.customer, event.project
        if customer not in self._customers:
            self._customers[customer] = _of_customer(self._ctx, customer)
        facts = dict(self._customers[customer])
        if event.contact is not None:
            facts[CONTACT] = event.contact
        if project is not None:
            if project not in self._projects:
                self._projects[project] = _of_project(self._ctx, project)
            facts |= self._projects[project]
        return facts


def facts_text(around: Mapping[str, FactValue]) -> str:
    """Write the facts around an event as they are stored and sealed."""
    return json_text(around)


def facts_read(text: str) -> dict[str, FactValue]:
    """Read stored facts."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(text).items()
    }


def _of_customer(ctx: Context, customer_id: CustomerId) -> dict[str, FactValue]:
    customer = ctx.work.customers.get(customer_id)
    refuse_merged(ctx, customer)
    found: dict[str, FactValue] = {"customer.code": customer.code}
    if customer.type:
        found["customer.type"] = customer.type
    if segments := ctx.work.customers.segments(customer_id):
        found[SEGMENTS] = segments
    return found


def _of_project(ctx: Context, project_id: ProjectId) -> dict[str, FactValue]:
    project = ctx.work.projects.get(project_id)
    found: dict[str, FactValue] = {PROJECT: project.code, "project.stage": project.stage}
    if project.type:
        found["project.type"] = project.type
    if project.manager is not None:
        found[MANAGER] = project.manager
    return found
