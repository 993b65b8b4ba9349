"""The static checker of rules: everything that can be known about a draft before it meets events.

Errors keep a draft from being published, warnings are shown beside it. What is claimed is true;
where checking everything would take too long, a finding says so.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.rules.checks_conditions import check_conditions
from domain.rules.checks_formulas import check_formula
from domain.rules.checks_limits import (
    check_caps,
    check_debt,
    check_life,
    check_names,
    check_window,
)
from domain.rules.checks_others import check_beside
from domain.rules.findings import Finding, Severity
from domain.rules.model import RuleVersion


def check_rule(rule: RuleVersion, others: Sequence[RuleVersion], *, now: datetime) -> list[Finding]:
    """Find everything wrong or surprising in a draft; errors first, by place within the rule.

    `others` are all published versions, of this rule and of the others, without the draft.
    """
    found = [
        *check_names(rule),
        *check_window(rule, others, now),
        *check_conditions(rule.trigger, rule.conditions),
        *check_formula(rule, others),
        *check_caps(rule),
        *check_life(rule),
        *check_debt(rule),
        *check_beside(rule, others, now),
    ]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def has_errors(findings: Sequence[Finding]) -> bool:
    """Tell whether something keeps the rule from being published."""
    return any(finding.severity is Severity.ERROR for finding in findings)
