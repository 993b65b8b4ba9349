"""Projects and milestones as rows."""

from datetime import date

from typing_extensions import override

from domain.ids import CustomerId, MemberId, MilestoneId, ProjectId
from domain.projects import Milestone, Project
from domain.repositories import Projects
from storage.db import Db, Missing, Row
from storage.values import date_of, date_or_none

_SELECT = """
    SELECT id, code, name, customer_id, manager, stage, COALESCE(type, '')
    FROM projects WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_FIND_BY_CODE = _SELECT + " AND code = :code"
_ALL = _SELECT + " ORDER BY code"
_OF_CUSTOMER = _SELECT + " AND customer_id = :customer ORDER BY code"
_MANAGED_BY = _SELECT + " AND manager = :member ORDER BY code"
_ADD = """
    INSERT INTO projects (tenant_id, id, code, name, customer_id, manager, stage, type)
    VALUES (:tenant, :id, :code, :name, :customer, :manager, :stage, :type)
"""

_SELECT_MILESTONE = """
    SELECT id, project_id, name, planned_on, accepted_on FROM milestones WHERE tenant_id = :tenant
"""
_MILESTONE = _SELECT_MILESTONE + " AND id = :id FOR UPDATE"
_MILESTONES = _SELECT_MILESTONE + " AND project_id = :project ORDER BY planned_on, id"
_ADD_MILESTONE = """
    INSERT INTO milestones (tenant_id, id, project_id, name, planned_on, accepted_on)
    VALUES (:tenant, :id, :project, :name, :planned_on, :accepted_on)
"""
_SET_ACCEPTED = """
    UPDATE milestones SET accepted_on = :accepted_on WHERE tenant_id = :tenant AND id = :id
"""


class SqlProjects(Projects):
    """Projects in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def get(self, project: ProjectId) -> Project:
        row = self._db.one(_GET, id=project)
        if row is None:
            raise Missing("project", project)
        return Project(*row)

    @override
    def find_by_code(self, code: str) -> Project | None:
        row = self._db.one(_FIND_BY_CODE, code=code)
        return None if row is None else Project(*row)

    @override
    def all(self) -> list[Project]:
        return [Project(*row) for row in self._db.all(_ALL)]

    @override
    def of_customer(self, customer: CustomerId) -> list[Project]:
        return [Project(*row) for row in self._db.all(_OF_CUSTOMER, customer=customer)]

    @override
    def managed_by(self, member: MemberId) -> list[Project]:
        return [Project(*row) for row in self._db.all(_MANAGED_BY, member=member)]

    @override
    def add(self, project: Project) -> None:
        self._db.run(
            _ADD,
            id=project.id,
            code=project.code,
            name=project.name,
            customer=project.customer,
            manager=project.manager,
            stage=project.stage,
            type=project.type or None,
        )

    @override
    def milestone(self, milestone: MilestoneId) -> Milestone:
        row = self._db.one(_MILESTONE, id=milestone)
        if row is None:
            raise Missing("milestone", milestone)
        return _milestone(row)

    @override
    def milestones(self, project: ProjectId) -> list[Milestone]:
        return [_milestone(row) for row in self._db.all(_MILESTONES, project=project)]

    @override
    def add_milestone(self, milestone: Milestone) -> None:
        self._db.run(
            _ADD_MILESTONE,
            id=milestone.id,
            project=milestone.project,
            name=milestone.name,
            planned_on=milestone.planned_on,
            accepted_on=milestone.accepted_on,
        )

    @override
    def set_accepted(self, milestone: MilestoneId, accepted_on: date | None) -> None:
        if not self._db.run(_SET_ACCEPTED, id=milestone, accepted_on=accepted_on):
            raise Missing("milestone", milestone)


def _milestone(row: Row) -> Milestone:
    id_, project, name, planned_on, accepted_on = row
    return Milestone(id_, project, name, date_of(planned_on), date_or_none(accepted_on))
