"""Examples of the views of rules, campaigns and tiers."""

from dataclasses import replace

from domain.approvals import ApprovalKind
from domain.drafts import DraftState
from domain.events import EventType
from domain.rules.checks_limits import TEXT_SHOWN_MAX
from domain.rules.fields import FieldKind
from domain.rules.model import (
    POINTS_MAX,
    Comparison,
    DebtPolicy,
    Direction,
    Rounding,
    Scope,
    Stacking,
    Window,
)
from handlers.contract import View
from handlers.rule_views import STEPS_SHOWN, TEXT_SHOWN
from handlers.views import (
    CampaignDropped,
    CampaignPreview,
    DraftLine,
    ProgrammeChange,
    ProgrammeSaid,
    RuleChange,
    RuleComing,
    RuleCondition,
    RuleDetail,
    RuleFormula,
    RuleIssue,
    RuleLimit,
    RuleList,
    RuleNotice,
    RuleSaid,
    RuleStep,
    TierNotice,
    TierSaid,
)
from tests.cards.sample_approvals import APPROVED, LONGEST, PENDING
from tests.cards.sample_names import (
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_PERSON,
    MANAGER,
    MORNING,
    SUPERVISOR,
    TICKET,
    filled,
)

STARTS = "2026-11-30T16:00:00+00:00"
LONG_NAME = filled(TEXT_SHOWN_MAX, "年终回馈老客户合同签订与节点验收积分")
LONG_CODE = "campaign-with-the-longest-legal-code-ever"[:40]
LONG_TEXT = filled(TEXT_SHOWN)

AMOUNTS = RuleSaid(
    code="contract-amount",
    name="",
    version=1,
    event=EventType.CONTRACT_SIGNED.value,
    direction=Direction.EARN.value,
    conditions=(),
    condition_count=0,
    formula=RuleFormula(
        "per_unit",
        points=10,
        field="amount",
        field_kind=FieldKind.AMOUNT.value,
        unit=1_000_000,
    ),
    rounding=Rounding.DOWN.value,
    event_points_max=None,
    caps=(),
    valid_months=24,
    matures_after_days=0,
    debt_policy=DebtPolicy.TAKE_AND_OWE.value,
    debt_floor=None,
    group="",
    stacking=Stacking.ADD.value,
    priority=100,
    qualifies=True,
    is_off=False,
    starts_at=STARTS,
    last_day="",
)
LATE = replace(
    AMOUNTS,
    code="milestone-late",
    event=EventType.MILESTONE_ACCEPTED.value,
    direction=Direction.DEDUCT.value,
    conditions=(
        RuleCondition("days_late", FieldKind.NUMBER.value, Comparison.MORE_THAN.value, (0,), 1),
    ),
    condition_count=1,
    formula=RuleFormula("fixed", points=20),
)
CAMPAIGN = replace(
    AMOUNTS,
    code="campaign-7-0",
    name="双倍积分 地产",
    conditions=(
        RuleCondition(
            "customer.type", FieldKind.TEXT.value, Comparison.ONE_OF.value, ("地产", "能源"), 2
        ),
    ),
    condition_count=1,
    formula=RuleFormula("multiplier", percent=200),
    last_day="2026-12-31",
)
RAISED = replace(
    AMOUNTS,
    version=2,
    formula=replace(AMOUNTS.formula, points=12),
    event_points_max=5_000,
    caps=(RuleLimit(Scope.CUSTOMER.value, Window.MONTH.value, 8_000, None),),
)
LONG_RULE = RuleSaid(
    code=LONG_CODE,
    name=LONG_NAME,
    version=1_000,
    event=EventType.REFERRAL_SIGNED.value,
    direction=Direction.DEDUCT.value,
    conditions=tuple(
        RuleCondition(
            "customer.segments",
            FieldKind.TEXTS.value,
            Comparison.NONE_OF.value,
            (LONG_TEXT,) * 4,
            30,
        )
        for _ in range(4)
    ),
    condition_count=20,
    formula=RuleFormula(
        "steps",
        field="amount",
        field_kind=FieldKind.AMOUNT.value,
        steps=tuple(RuleStep(10**15 + step, POINTS_MAX) for step in range(STEPS_SHOWN)),
        step_count=30,
    ),
    rounding=Rounding.HALF_UP.value,
    event_points_max=POINTS_MAX,
    caps=tuple(
        RuleLimit(Scope.MANAGER.value, window.value, POINTS_MAX, POINTS_MAX) for window in Window
    ),
    valid_months=120,
    matures_after_days=365,
    debt_policy=DebtPolicy.OWE_TO_FLOOR.value,
    debt_floor=POINTS_MAX,
    group=LONG_NAME,
    stacking=Stacking.HIGHEST.value,
    priority=10**15,
    qualifies=False,
    is_off=False,
    starts_at=STARTS,
    last_day="2026-12-31",
)
PROGRAMME = ProgrammeSaid(
    caps=(RuleLimit(Scope.CUSTOMER.value, Window.YEAR.value, 20_000, None),),
    tiers=(
        TierSaid("silver", "银卡", 500, 100, 0, ()),
        TierSaid("gold", "金卡", 2_000, 120, 100, ("专属经理",)),
    ),
    window_months=12,
    grace_months=3,
    gift_months=12,
    point_fen=80,
    starts_at=STARTS,
)
LONG_PROGRAMME = replace(
    PROGRAMME,
    caps=LONG_RULE.caps,
    tiers=tuple(
        TierSaid(f"tier-{n}", LONG_NAME, POINTS_MAX, 1_000, POINTS_MAX, (LONG_NAME,) * 10)
        for n in range(10)
    ),
    point_fen=999_999,
)
DRAFT = DraftLine(
    12,
    "contract-amount",
    "",
    DraftState.DRAFT.value,
    is_tested=False,
    changed_by=MANAGER,
    changed_at=MORNING,
)
LONG_DRAFT = DraftLine(
    123_456,
    LONG_CODE,
    LONG_NAME,
    DraftState.SUBMITTED.value,
    is_tested=True,
    changed_by=LONG_PERSON,
    changed_at=MORNING,
)
ISSUES = (
    RuleIssue(3, "scheduled", STARTS, "", MANAGER, SUPERVISOR),
    RuleIssue(2, "in_force", STARTS, "2026-12-31", MANAGER, ""),
    RuleIssue(1, "past", STARTS, "", "", ""),
)
LONG_ISSUE = RuleIssue(1_000, "withdrawn", STARTS, "2026-12-31", LONG_PERSON, LONG_PERSON)
EVERY_FIELD = (
    *("trigger", "conditions", "formula", "direction", "effective_to", "name", "rounding"),
    *("event_points_max", "caps", "valid_months", "matures_after_days", "debt_policy"),
    *("debt_floor", "group", "stacking", "priority", "qualifies", "is_off"),
)
RULE_CARD = replace(
    PENDING,
    kind=ApprovalKind.RULE.value,
    customer="",
    name="contract-amount",
    points=0,
    grounds="",
    available=0,
    changes=(RuleChange(RAISED, AMOUNTS, ("formula", "event_points_max", "caps"), is_tested=True),),
)
LONG_RULE_CARD = replace(
    LONGEST,
    kind=ApprovalKind.RULE.value,
    customer="",
    name=LONG_NAME,
    points=0,
    grounds="",
    available=0,
    changes=(RuleChange(LONG_RULE, replace(LONG_RULE, name=""), EVERY_FIELD, is_tested=False),),
)


NO_RULES = RuleList(False, False, (), 0, (), 0, (), 0)
NO_CAMPAIGNS = replace(NO_RULES, is_staff=True, is_campaigns=True)
PREVIEW = CampaignPreview(
    ticket=TICKET,
    name="双倍积分 地产",
    percent=200,
    first_day="2026-12-01",
    last_day="2026-12-31",
    whom=CAMPAIGN.conditions,
    rules=(AMOUNTS,),
    rule_count=1,
)
PROMOTED = TierNotice(
    customer=CUSTOMER,
    is_promotion=True,
    tier="金卡",
    before="银卡",
    percent=120,
    gift=100,
    privileges=("专属经理", "年度论坛席位"),
    next_tier="钻石",
    missing=3_000,
)

RULES: dict[str, View] = {
    "approval_card.rule_change": RULE_CARD,
    "approval_card.rule_new": replace(
        RULE_CARD,
        name=CAMPAIGN.name,
        changes=(RuleChange(CAMPAIGN, None, (), is_tested=False),),
    ),
    "approval_card.rule_several": replace(
        RULE_CARD,
        name=CAMPAIGN.name,
        changes=(RuleChange(CAMPAIGN, None, (), is_tested=False),) * 4,
    ),
    "approval_card.rule_same": replace(
        RULE_CARD, changes=(RuleChange(AMOUNTS, AMOUNTS, (), is_tested=True),)
    ),
    "approval_card.rule_off": replace(
        RULE_CARD,
        changes=(RuleChange(replace(AMOUNTS, is_off=True), AMOUNTS, ("is_off",), is_tested=True),),
    ),
    "approval_card.programme": replace(
        RULE_CARD,
        name="",
        changes=(),
        programme=ProgrammeChange(
            PROGRAMME, replace(PROGRAMME, tiers=(), caps=()), ("caps", "tiers"), is_tested=True
        ),
    ),
    "approval_card.programme_new": replace(
        RULE_CARD,
        name="",
        changes=(),
        programme=ProgrammeChange(PROGRAMME, None, (), is_tested=False),
    ),
    "approval_card.programme_same": replace(
        RULE_CARD,
        name="",
        changes=(),
        programme=ProgrammeChange(PROGRAMME, PROGRAMME, (), is_tested=False),
    ),
    "approval_card.rule_approved": replace(
        APPROVED, kind="rule", customer="", name=CAMPAIGN.name, changes=RULE_CARD.changes
    ),
    "approval_card.longest_rule": LONG_RULE_CARD,
    "approval_card.longest_rule_mine": replace(
        LONG_RULE_CARD, is_mine=True, approvers=(LONG_PERSON,) * 40
    ),
    "approval_card.longest_rules": replace(
        LONG_RULE_CARD, changes=(RuleChange(LONG_RULE, None, (), is_tested=False),) * 9
    ),
    "approval_card.longest_programme": replace(
        LONG_RULE_CARD,
        name="",
        changes=(),
        programme=ProgrammeChange(
            LONG_PROGRAMME, LONG_PROGRAMME, ("caps", "tiers", "point_fen"), is_tested=True
        ),
    ),
    "rule_list.normal": replace(NO_RULES, in_force=(AMOUNTS, LATE), in_force_count=2),
    "rule_list.staff": replace(
        NO_RULES,
        is_staff=True,
        in_force=(AMOUNTS, LATE, CAMPAIGN),
        in_force_count=3,
        scheduled=(RuleComing("contract-amount", "", 2, STARTS),),
        scheduled_count=1,
        drafts=(DRAFT, replace(DRAFT, number=13, code="", state="submitted", is_tested=True)),
        draft_count=2,
    ),
    "rule_list.campaigns": replace(NO_CAMPAIGNS, in_force=(CAMPAIGN,), in_force_count=1),
    "rule_list.no_campaigns": NO_CAMPAIGNS,
    "rule_list.nothing": NO_RULES,
    "rule_list.longest": RuleList(
        is_staff=True,
        is_campaigns=False,
        in_force=(LONG_RULE,) * 5,
        in_force_count=100,
        scheduled=(RuleComing(LONG_CODE, LONG_NAME, 1_000, STARTS),) * 3,
        scheduled_count=100,
        drafts=(LONG_DRAFT,) * 3,
        draft_count=100,
    ),
    "rule_detail.normal": RuleDetail(is_staff=False, rule=AMOUNTS, issues=()),
    "rule_detail.staff": RuleDetail(is_staff=True, rule=RAISED, issues=ISSUES),
    "rule_detail.longest": RuleDetail(is_staff=True, rule=LONG_RULE, issues=(LONG_ISSUE,) * 100),
    "rule_notice.normal": RuleNotice(
        what="published",
        code="contract-amount",
        name="",
        version=2,
        is_off=False,
        starts_at=STARTS,
        by=MANAGER,
        approved_by=SUPERVISOR,
    ),
    "rule_notice.off": RuleNotice(
        "published", "campaign-7-0", CAMPAIGN.name, 2, True, STARTS, MANAGER, SUPERVISOR
    ),
    "rule_notice.programme": RuleNotice("published", "", "", 2, False, STARTS, MANAGER, SUPERVISOR),
    "rule_notice.rolled_back": RuleNotice(
        "rolled_back", "contract-amount", "", 3, False, STARTS, SUPERVISOR, ""
    ),
    "rule_notice.rolled_back_off": RuleNotice(
        "rolled_back", "contract-amount", "", 3, True, STARTS, SUPERVISOR, ""
    ),
    "rule_notice.withdrawn": RuleNotice(
        "withdrawn", "contract-amount", "", 3, False, STARTS, SUPERVISOR, ""
    ),
    "rule_notice.longest": RuleNotice(
        "published", LONG_CODE, LONG_NAME, 1_000, False, STARTS, LONG_PERSON, LONG_PERSON
    ),
    "campaign_preview.normal": PREVIEW,
    "campaign_preview.everybody": replace(PREVIEW, name="1.5倍积分", percent=150, whom=()),
    "campaign_preview.longest": CampaignPreview(
        ticket=TICKET,
        name=LONG_NAME,
        percent=1_000,
        first_day="2026-12-01",
        last_day="2027-12-31",
        whom=LONG_RULE.conditions,
        rules=(LONG_RULE,) * 4,
        rule_count=30,
    ),
    "campaign_dropped.normal": CampaignDropped("双倍积分 地产"),
    "campaign_dropped.longest": CampaignDropped(LONG_NAME),
    "tier_notice.normal": PROMOTED,
    "tier_notice.plain": replace(
        PROMOTED, percent=100, gift=0, privileges=(), next_tier="", missing=0
    ),
    "tier_notice.lower": replace(PROMOTED, is_promotion=False, tier="银卡", before="金卡"),
    "tier_notice.lost": replace(PROMOTED, is_promotion=False, tier="", before="银卡"),
    "tier_notice.longest": TierNotice(
        customer=LONG_CUSTOMER,
        is_promotion=True,
        tier=LONG_NAME,
        before=LONG_NAME,
        percent=1_000,
        gift=POINTS_MAX,
        privileges=(LONG_NAME,) * 10,
        next_tier=LONG_NAME,
        missing=POINTS_MAX,
    ),
}
