"""Projects and their milestones over the API."""

from datetime import date

from fastapi import Response
from pydantic import ConfigDict, Field, field_validator

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Code, Day, Given, Line, Shown, Unreadable, Word
from domain.apikeys import Scope
from domain.errors import ErrorCode
from handlers.contract import Context
from handlers.usecases import directory
from handlers.usecases.directory import ProjectFile

router = api_router()

MILESTONES_MAX = 200


class MilestoneGiven(Given):
    """A dated step of a project."""

    name: Line = Field(examples=["Main structure"])
    planned_on: Day


class ProjectGiven(Given):
    """A new project of a customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "P201",
                    "name": "Binjiang phase 2",
                    "customer": "C101",
                    "type": "Housing",
                    "manager": "Li Qiang",
                    "milestones": [{"name": "Main structure", "planned_on": "2026-12-20"}],
                }
            ]
        }
    )

    code: Code = Field(examples=["P101"])
    name: Line = Field(examples=["Binjiang phase 1"])
    customer: Code = Field(examples=["C001"])
    manager: Line | None = Field(
        default=None, description="The manager's name, as a member has it.", examples=["Li Qiang"]
    )
    type: Word | None = Field(
        default=None, description="What rules ask as project.type.", examples=["Housing"]
    )
    milestones: list[MilestoneGiven] = Field(default=[], max_length=MILESTONES_MAX)

    @field_validator("milestones")
    @classmethod
    def _no_name_twice(cls, given: list[MilestoneGiven]) -> list[MilestoneGiven]:
        if len({milestone.name for milestone in given}) != len(given):
            raise Unreadable("twice")
        return given


class MilestoneShown(Shown):
    """A dated step of a project."""

    name: str
    planned_on: date
    accepted_on: date | None


class ProjectShown(Shown):
    """A project with its milestones, by planned day."""

    code: str
    name: str
    customer: str
    type: str | None
    manager: str | None
    stage: str
    milestones: list[MilestoneShown]


@router.post(
    "/projects",
    **changing(
        Scope.CUSTOMERS_WRITE,
        ProjectShown,
        ErrorCode.UNKNOWN_CUSTOMER,
        ErrorCode.CODE_TAKEN,
        ErrorCode.UNKNOWN_MEMBER,
        status=201,
    ),
)
def create_project(given: ProjectGiven, call: Admitted) -> Response:
    """Add a project with its milestones to a customer."""

    def act(ctx: Context) -> ProjectShown:
        file = directory.open_project(
            ctx,
            (given.code, given.name),
            customer=given.customer,
            manager=given.manager,
            project_type=given.type or "",
            milestones=[(step.name, step.planned_on) for step in given.milestones],
        )
        return _shown(file)

    return call.do(act, status=201)


@router.get("/projects/{code}", **reading(ProjectShown, ErrorCode.UNKNOWN_PROJECT))
def read_project(code: str, call: Admitted) -> Response:
    """Give a project with its milestones."""
    return call.read(lambda ctx: _shown(directory.read_project(ctx, code)))


def _shown(file: ProjectFile) -> ProjectShown:
    project = file.project
    return ProjectShown(
        code=project.code,
        name=project.name,
        customer=file.customer.code,
        type=project.type or None,
        manager=file.manager.name if file.manager else None,
        stage=project.stage,
        milestones=[
            MilestoneShown(name=m.name, planned_on=m.planned_on, accepted_on=m.accepted_on)
            for m in file.milestones
        ],
    )
