"""Views of rules, their drafts and versions, campaigns and tiers."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """One comparison a rule asks for."""

    field: str
    """A field of domain/rules/fields."""
    kind: str
    """Its `FieldKind` value."""
    comparison: str
    """A `Comparison` value."""
    wanted: tuple[str | int | bool, ...]
    """The first of them; long texts are cut."""
    count: int
    """How many are wanted."""


@dataclass(frozen=True, slots=True)
class RuleStep:
    """The points from a value on."""

    at_least: int
    points: int


@dataclass(frozen=True, slots=True)
class RuleFormula:
    """How a rule counts; what its kind doesn't have is empty."""

    kind: str
    """A name of domain/rules/codec: fixed, per_unit, steps, per_day, multiplier, table."""
    points: int = 0
    field: str = ""
    field_kind: str = ""
    unit: int = 0
    steps: tuple[RuleStep, ...] = ()
    """The first of them."""
    step_count: int = 0
    is_early: bool = False
    free: int = 0
    most: int | None = None
    percent: int = 0
    raised: tuple[str, ...] = ()
    """Names or codes of the rules a multiplier raises; all when empty."""
    columns: tuple[str, ...] = ()
    rows: int = 0
    low: int = 0
    high: int = 0
    """The least and the most points of a table."""


@dataclass(frozen=True, slots=True)
class RuleLimit:
    """A cap."""

    scope: str
    window: str
    points: int | None
    times: int | None


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """Everything one version of a rule says, ready to be worded."""

    code: str
    name: str
    version: int
    event: str
    direction: str
    conditions: tuple[RuleCondition, ...]
    """The first of them."""
    condition_count: int
    formula: RuleFormula
    rounding: str
    event_points_max: int | None
    caps: tuple[RuleLimit, ...]
    valid_months: int
    matures_after_days: int
    debt_policy: str
    debt_floor: int | None
    group: str
    stacking: str
    priority: int
    qualifies: bool
    is_off: bool
    starts_at: str
    last_day: str
    """The last day it counts; empty without end."""


@dataclass(frozen=True, slots=True)
class RuleComing:
    """A version that begins later."""

    code: str
    name: str
    version: int
    starts_at: str


@dataclass(frozen=True, slots=True)
class TierSaid:
    """One tier."""

    code: str
    name: str
    threshold: int
    percent: int
    gift: int
    privileges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeSaid:
    """Everything one version of the programme says."""

    caps: tuple[RuleLimit, ...]
    tiers: tuple[TierSaid, ...]
    window_months: int
    grace_months: int
    gift_months: int
    point_fen: int
    starts_at: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What a rule is to say, beside what it says now, field by field."""

    after: RuleSaid
    before: RuleSaid | None
    """None for a new rule."""
    differing: tuple[str, ...]
    """The fields that differ, by their names in domain/rules/model."""
    is_tested: bool


@dataclass(frozen=True, slots=True)
class ProgrammeChange:
    """What the programme is to say, beside what it says now."""

    after: ProgrammeSaid
    before: ProgrammeSaid | None
    differing: tuple[str, ...]
    is_tested: bool


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One draft that has not ended."""

    number: int
    code: str
    """Empty for the programme."""
    name: str
    state: str
    """A `DraftState` value."""
    is_tested: bool
    changed_by: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules in force, in plain sentences; for staff, what is coming too."""

    view_name: ClassVar[str] = "rule_list"
    is_staff: bool
    is_campaigns: bool
    """Only campaigns were asked for."""
    in_force: tuple[RuleSaid, ...]
    """The first of them, as of what follows."""
    in_force_count: int
    scheduled: tuple[RuleComing, ...]
    scheduled_count: int
    drafts: tuple[DraftLine, ...]
    draft_count: int


@dataclass(frozen=True, slots=True)
class RuleIssue:
    """One version of a rule in its history."""

    version: int
    state: str
    """in_force, scheduled, past or withdrawn."""
    starts_at: str
    last_day: str
    published_by: str
    """Empty for what a new firm starts with."""
    approved_by: str
    """Empty for that, and for a version that came back."""


@dataclass(frozen=True, slots=True)
class RuleDetail:
    """One rule in full."""

    view_name: ClassVar[str] = "rule_detail"
    is_staff: bool
    rule: RuleSaid
    issues: tuple[RuleIssue, ...]
    """Newest first; only for staff."""


@dataclass(frozen=True, slots=True)
class RuleNotice:
    """Tells the supervisors that rules have changed."""

    view_name: ClassVar[str] = "rule_notice"
    what: str
    """published, rolled_back or withdrawn."""
    code: str
    """Empty for the programme."""
    name: str
    version: int
    is_off: bool
    starts_at: str
    by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class CampaignPreview:
    """Shows a campaign before it is handed to a second person."""

    view_name: ClassVar[str] = "campaign_preview"
    ticket: str
    name: str
    percent: int
    first_day: str
    last_day: str
    whom: tuple[RuleCondition, ...]
    """Everybody when empty."""
    rules: tuple[RuleSaid, ...]
    """The first of what is raised."""
    rule_count: int


@dataclass(frozen=True, slots=True)
class CampaignDropped:
    """A campaign's preview that was dropped."""

    view_name: ClassVar[str] = "campaign_dropped"
    name: str


@dataclass(frozen=True, slots=True)
class TierNotice:
    """Tells a customer that the tier has changed."""

    view_name: ClassVar[str] = "tier_notice"
    customer: str
    is_promotion: bool
    tier: str
    """Empty below the first."""
    before: str
    percent: int
    gift: int
    privileges: tuple[str, ...]
    next_tier: str
    missing: int
