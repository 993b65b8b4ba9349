"""Rules over the API: reading, drafting, handing on, deciding, rolling back.

Who does something is the member a key belongs to; a key of nobody may only read.
"""

from typing import Annotated, Any, Self

from fastapi import Path, Response
from pydantic import ConfigDict, Field, JsonValue, model_validator

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, api_router
from bot.api.rule_answers import (
    ChecksShown,
    DraftShown,
    RulesShown,
    RuleVersionsShown,
    VersionShown,
    checks_shown,
    draft_shown,
    history_shown,
    rules_shown,
    version_shown,
)
from bot.api.values import Given, Line, Unreadable
from domain.apikeys import Scope
from domain.approvals import REASON_MAX, Verdict
from domain.drafts import DraftKind
from domain.errors import ErrorCode
from domain.rules.model import RuleVersion
from handlers.contract import Context
from handlers.usecases import drafts, publishing
from handlers.usecases.decisions import decide_draft

router = api_router()

EXAMPLE: dict[str, JsonValue] = {
    "code": "contract-amount",
    "name": "Contract signed",
    "trigger": "contract_signed",
    "conditions": [],
    "formula": {"kind": "per_unit", "field": "amount", "unit": 1000000, "points": 12},
    "direction": "earn",
    "effective_from": "2027-01-01T00:00:00+08:00",
}
_NUMBER = Path(ge=1, le=999_999_999, description="The draft's number.")
Number = Annotated[int, _NUMBER]
Version = Annotated[int, Path(ge=1, le=999_999_999)]
_MAKING = (ErrorCode.NOT_PERMITTED, ErrorCode.RULE_MALFORMED)
_CHANGING = (ErrorCode.NOT_PERMITTED, ErrorCode.UNKNOWN_DRAFT, ErrorCode.DRAFT_CLOSED)
_DECIDING = (
    ErrorCode.NOT_PERMITTED,
    ErrorCode.OWN_APPROVAL,
    ErrorCode.UNKNOWN_DRAFT,
    ErrorCode.UNKNOWN_APPROVAL,
    ErrorCode.APPROVAL_CLOSED,
    ErrorCode.APPROVAL_EXPIRED,
    ErrorCode.VERSION_TAKEN,
    ErrorCode.RULE_HAS_ERRORS,
)


class DraftGiven(Given):
    """What a rule is to say, or what the programme is to say: one of the two."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rule": EXAMPLE}]})

    rule: dict[str, Any] | None = Field(
        default=None, description="A rule; `version` is ours to give.", examples=[EXAMPLE]
    )
    programme: dict[str, Any] | None = Field(
        default=None, description="Tiers, general caps and the cost of a point."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.rule is None) == (self.programme is None):
            raise Unreadable("one_of")
        return self

    @property
    def kind(self) -> DraftKind:
        """Tell which of the two it is."""
        return DraftKind.PROGRAMME if self.rule is None else DraftKind.RULE

    @property
    def written(self) -> dict[str, Any] | None:
        """Give what was written."""
        return self.programme if self.rule is None else self.rule


class NothingGiven(Given):
    """An empty object."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class VerdictGiven(Given):
    """Why, if it is said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Checked"}]})

    note: Line | None = Field(default=None, max_length=REASON_MAX)


@router.get("/rules", **reading(RulesShown))
def read_rules(call: Admitted) -> Response:
    """Give the rules in force, the scheduled ones and the drafts."""
    return call.read(rules_shown)


@router.get("/rules/drafts/{number}", **reading(DraftShown, ErrorCode.UNKNOWN_DRAFT))
def read_draft(number: Number, call: Admitted) -> Response:
    """Give a draft, and how it differs from the version it would replace."""
    return call.read(lambda ctx: draft_shown(ctx, drafts.find_draft(ctx, str(number))))


@router.get("/rules/{code}", **reading(RuleVersionsShown, ErrorCode.UNKNOWN_RULE))
def read_rule(code: str, call: Admitted) -> Response:
    """Give every version of a rule, newest first."""
    return call.read(lambda ctx: history_shown(ctx, code))


@router.post("/rules/drafts", **changing(Scope.RULES_WRITE, DraftShown, *_MAKING, status=201))
def create_draft(given: DraftGiven, call: Admitted) -> Response:
    """Draft the next version of a rule or of the programme."""

    def act(ctx: Context) -> DraftShown:
        return draft_shown(ctx, drafts.save_draft(ctx, given.written, given.kind))

    return call.do(act, status=201)


@router.put(
    "/rules/drafts/{number}",
    **changing(Scope.RULES_WRITE, DraftShown, ErrorCode.RULE_MALFORMED, *_CHANGING),
)
def change_draft(number: Number, given: DraftGiven, call: Admitted) -> Response:
    """Put something else in the place of a draft."""

    def act(ctx: Context) -> DraftShown:
        saved = drafts.save_draft(ctx, given.written, given.kind, number)
        return draft_shown(ctx, saved)

    return call.do(act)


@router.post(
    "/rules/drafts/{number}/check",
    **changing(Scope.RULES_WRITE, ChecksShown, ErrorCode.UNKNOWN_DRAFT),
)
def check_draft(number: Number, given: NothingGiven, call: Admitted) -> Response:
    """Find everything wrong or surprising in a draft; changes nothing."""
    del given

    def act(ctx: Context) -> ChecksShown:
        document = drafts.find_draft(ctx, str(number)).document
        return checks_shown(drafts.findings_of(ctx, document))

    return call.do(act)


@router.post(
    "/rules/drafts/{number}/submit",
    **changing(
        Scope.RULES_WRITE,
        DraftShown,
        ErrorCode.RULE_HAS_ERRORS,
        ErrorCode.DRAFT_UNTESTED,
        ErrorCode.NO_APPROVER,
        *_CHANGING,
    ),
)
def submit_draft(number: Number, given: NothingGiven, call: Admitted) -> Response:
    """Hand a draft to a second person."""
    del given

    def act(ctx: Context) -> DraftShown:
        drafts.submit_drafts(ctx, [number])
        return draft_shown(ctx, drafts.find_draft(ctx, str(number)))

    return call.do(act)


@router.post("/rules/drafts/{number}/drop", **changing(Scope.RULES_WRITE, DraftShown, *_CHANGING))
def drop_draft(number: Number, given: NothingGiven, call: Admitted) -> Response:
    """Give a draft up."""
    del given
    return call.do(lambda ctx: draft_shown(ctx, drafts.drop_draft(ctx, number)))


def _decided(call: Admitted, number: int, verdict: Verdict, note: str) -> Response:
    def act(ctx: Context) -> DraftShown:
        decide_draft(ctx, number, verdict, note)
        return draft_shown(ctx, drafts.find_draft(ctx, str(number)))

    return call.do(act)


@router.post(
    "/rules/drafts/{number}/approve", **changing(Scope.RULES_APPROVE, DraftShown, *_DECIDING)
)
def approve_draft(number: Number, given: VerdictGiven, call: Admitted) -> Response:
    """Approve what somebody else has submitted; it is published at once."""
    return _decided(call, number, Verdict.APPROVE, given.note or "")


@router.post(
    "/rules/drafts/{number}/decline", **changing(Scope.RULES_APPROVE, DraftShown, *_DECIDING)
)
def decline_draft(number: Number, given: VerdictGiven, call: Admitted) -> Response:
    """Decline what somebody else has submitted."""
    return _decided(call, number, Verdict.DECLINE, given.note or "")


def _version(ctx: Context, rule: RuleVersion) -> VersionShown:
    return version_shown(ctx, rule.code, rule.version)


@router.post(
    "/rules/{code}/rollback",
    **changing(
        Scope.RULES_APPROVE,
        VersionShown,
        ErrorCode.NOT_PERMITTED,
        ErrorCode.UNKNOWN_RULE,
        ErrorCode.NOTHING_TO_ROLL_BACK,
        ErrorCode.RULE_HAS_ERRORS,
    ),
)
def roll_back(code: str, given: NothingGiven, call: Admitted) -> Response:
    """Let the version before the present one hold again, as a new version from now on."""
    del given
    return call.do(lambda ctx: _version(ctx, publishing.roll_back(ctx, code)))


@router.post(
    "/rules/{code}/versions/{version}/withdraw",
    **changing(
        Scope.RULES_APPROVE,
        VersionShown,
        ErrorCode.NOT_PERMITTED,
        ErrorCode.UNKNOWN_RULE,
        ErrorCode.TOO_LATE_TO_WITHDRAW,
    ),
)
def withdraw(code: str, version: Version, given: NothingGiven, call: Admitted) -> Response:
    """Take back a version before it begins."""
    del given
    return call.do(lambda ctx: _version(ctx, publishing.withdraw_version(ctx, code, version)))
