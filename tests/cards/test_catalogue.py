"""Nothing is missing: templates for views and refusals, words for values, names that exist."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from bot.presenter import Form
from domain import errors
from domain.alerts import AlertKind, AlertState, Cause, Measure, Severity
from domain.approvals import ApprovalKind, ApprovalState
from domain.channels import ChannelKind, Unreachable
from domain.customer_files import FieldKind
from domain.deliveries import DeliveryState
from domain.drafts import DraftState
from domain.duplicates import Hint, Level
from domain.errors import DomainError, ErrorCode
from domain.events import EventType
from domain.ledger import Reason
from domain.lotteries import LotteryState
from domain.members import Role
from domain.reconciling import DriftKind
from domain.reward_checks import Fault
from domain.rules.model import (
    Comparison,
    DebtPolicy,
    Direction,
    Rounding,
    Scope,
    Stacking,
    Window,
)
from domain.starter import starter_rules
from handlers.parsing.closing import parse_closing
from handlers.parsing.commands import CommandFound, split_command
from handlers.parsing.gaps import Part, Why
from handlers.permissions import Permission
from handlers.views import VIEWS
from handlers.vocabulary import PRESS_WORD, all_names, vocabulary_for
from tests.cards.examples import CARDS, EXAMPLES, PRESENTER, TEMPLATES, render
from tests.cards.sample_trouble import NOW, REFUSALS

GIFT_CARDS = frozenset({"gift_preview", "gift_done"})
"""Customers confirm gifts on every platform they can be on."""
STAFF_CARDS = frozenset(
    {"record_preview", "record_done", "record_cancelled", "undo_preview", "undo_done"}
    | {
        "tell_customer",
        "tell_customer_done",
        "alert_card",
        "alert_form",
        "choose_card",
        "choice_dropped",
    }
    | {"person_wanted_card", "approval_card", "campaign_preview", "campaign_dropped"}
    | {"redeem_preview", "redeem_dropped", "redemption_card", "hand_over_card"}
    | {"leave_preview", "leave_done", "leave_dropped"}
    | GIFT_CARDS
    | {"gift_dropped"}
    | {"shelf_preview", "shelf_done"}
    | {"voucher_preview", "voucher_done", "voucher_dropped"}
    | {"customer_card"}
)
CUSTOMER_MENUS = frozenset(
    {"help_menu", "balance", "bound_customer", "follow_up", "review_received", "bind_ask"}
    | {"choose_card", "ending_list", "expiry_notice", "refusal", "did_you_mean", "why", "rule_list"}
    | {"offer_list", "redeem_preview", "redeem_dropped", "redemption_card", "redemption_list"}
    | {"right_notice", "person_coming"}
    | {"check_in_done"}
    | GIFT_CARDS
    | {"voucher_notice", "voucher_back", "voucher_list", "voucher_ending"}
    | {"lottery_card", "lottery_list", "draw_preview", "draw_result"}
)
CUSTOMER_CARDS = frozenset({"lottery_card", "draw_preview", "draw_dropped", "draw_result"})
"""What customers on DingTalk press or see changed."""
GLOBALS: dict[str, Any] = dict(PRESENTER._text.globals)
ALL_VIEWS: tuple[Any, ...] = VIEWS
WORDS: dict[str, dict[str, str]] = GLOBALS["words"]
COMMANDS: dict[str, dict[str, str]] = GLOBALS["command_words"]
CARD_TEMPLATES = sorted((TEMPLATES / "cards").rglob("*.j2"))
ALL_TEMPLATES = sorted(
    p for part in ("cards", "parts", "refusals") for p in (TEMPLATES / part).rglob("*.j2")
)
TYPEABLE = re.compile(r"发「([^」{]+)")
ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DomainError) and kind is not DomainError
]


def relative(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def fields_of(kind: Any) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def parse(path: Path) -> nodes.Template:
    return PRESENTER._text.parse(path.read_text(encoding="utf-8"))


def assigned(tree: nodes.Template) -> set[str]:
    """Give the names a template sets, loops over or hands to a wording."""
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    return names | {argument.key for argument in tree.find_all(nodes.Keyword)}


def used(tree: nodes.Template) -> set[str]:
    """Give the templates a template includes or words, as far as their names are written out."""
    included = {n.template for n in tree.find_all(nodes.Include)}
    called = {
        call.args[0]
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "wording"
    }
    return {n.value for n in included | called if isinstance(n, nodes.Const)}


def unknown_names(path: Path, known: set[str]) -> set[str]:
    """Give the variables of a template and of all it uses that nobody gives it."""
    tree = parse(path)
    here = known | assigned(tree)
    found = find_undeclared_variables(tree) - here
    for name in used(tree):
        found |= unknown_names(TEMPLATES / name, here)
    return found


def test_every_view_has_a_folder_with_a_plain_text_and_no_folder_is_left_over() -> None:
    folders = {path.parent.name for path in (TEMPLATES / "cards").rglob("plain.txt.j2")}
    assert folders == {view.view_name for view in ALL_VIEWS}
    assert {path.name for path in (TEMPLATES / "cards").iterdir()} == folders


@pytest.mark.parametrize(
    ("form", "views"),
    [
        (Form.WECOM, STAFF_CARDS),
        (Form.DINGTALK, STAFF_CARDS | CUSTOMER_CARDS),
        (Form.KF, CUSTOMER_MENUS),
    ],
)
def test_cards_are_where_they_belong(form: Form, views: frozenset[str]) -> None:
    having = {path.parent.name for path in (TEMPLATES / "cards").rglob(f"{form}.json.j2")}
    assert having == views


def test_every_view_has_a_normal_example() -> None:
    missing = {
        view.view_name
        for view in ALL_VIEWS
        if view.view_name != "refusal" and f"{view.view_name}.normal" not in EXAMPLES
    }
    assert missing == set()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.view_name)
def test_templates_use_only_what_their_view_has(view: Any) -> None:
    folder = TEMPLATES / "cards" / view.view_name
    for path in sorted(folder.iterdir()):
        extra = {"plain"} if path.name.endswith(".json.j2") else set[str]()
        assert unknown_names(path, fields_of(view) | set(GLOBALS) | extra) == set(), path.name


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.view_name)
def test_no_field_hides_behind_a_method_of_dict(view: Any) -> None:
    assert fields_of(view) & set(dir(dict)) == set()


def test_every_refusal_is_worded_and_no_wording_is_left_over() -> None:
    files = {path.name.removesuffix(".txt.j2") for path in (TEMPLATES / "refusals").iterdir()}
    assert files == {code.value for code in ErrorCode}
    assert {kind.code for kind in ERRORS} == set(ErrorCode)
    assert {error.code for error in REFUSALS.values()} == set(ErrorCode)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code.value)
def test_refusal_uses_only_fields_of_its_error(kind: type[DomainError]) -> None:
    tree = parse(TEMPLATES / "refusals" / f"{kind.code.value}.txt.j2")
    asked = {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "details"
    }
    assert asked <= fields_of(kind)
    assert fields_of(kind) & set(dir(dict)) == set()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("role", Role),
        ("permission", Permission),
        ("obstacle", Unreachable),
        ("obstacle_reason", Unreachable),
        ("delivery_state", DeliveryState),
        ("cause", Cause),
        ("measure", Measure),
        ("measure_done", Measure),
        ("alert_kind", AlertKind),
        ("alert_state", AlertState),
        ("drift", DriftKind),
        ("severity", Severity),
        ("approval_kind", ApprovalKind),
        ("approval_state", ApprovalState),
        ("lottery_state", LotteryState),
        ("reason", Reason),
        ("part", Part),
        ("comparison", Comparison),
        ("direction", Direction),
        ("rounding", Rounding),
        ("debt_policy", DebtPolicy),
        ("stacking", Stacking),
        ("scope", Scope),
        ("window", Window),
        ("draft_state", DraftState),
        ("reward_fault", Fault),
        ("event", EventType),
        ("twin_hint", Hint),
        ("twin_level", Level),
        ("field_kind", FieldKind),
    ],
)
def test_every_value_has_words(table: str, values: Any) -> None:
    assert set(WORDS[table]) == {value.value for value in values}
    assert all(WORDS[table].values())


def test_every_channel_has_words() -> None:
    # The ids that the channels of the settings have.
    usual = {"wecom", "kf", "group", "dingtalk"}
    assert set(WORDS["channel"]) == usual | {kind.value for kind in ChannelKind}


def test_starter_rules_have_words() -> None:
    assert set(WORDS["rule"]) == {rule.code for rule in starter_rules(NOW)}


def test_problems_name_a_part_and_why() -> None:
    known = {f"{part}_{why}" for part in Part for why in Why} | {
        "code_missing",
        "cause_missing",
        "number_refused",
        "amount_refused",
        "end_past",
        "number_missing",
        "use_number_missing",
        "gift_missing",
        "gift_not_positive",
        "gift_not_whole",
        "quantity_missing",
        "reward_missing",
    }
    assert set(WORDS["problem"]) <= known
    assert {f"{part}_missing" for part in ("milestone", "outcome", "stars", "contact")} <= set(
        WORDS["problem"]
    )


def test_menu_after_a_refusal_names_real_refusals_and_commands() -> None:
    assert set(WORDS["next"]) <= set(ErrorCode)
    assert {name for taps in WORDS["next"].values() for name in taps} <= set(COMMANDS)


def test_every_command_has_words_that_are_understood_as_it() -> None:
    assert set(COMMANDS) == all_names()
    vocabulary = vocabulary_for(all_names())
    for name, entry in COMMANDS.items():
        found = split_command(entry["word"], vocabulary)
        assert isinstance(found, CommandFound)
        assert found.name == name


@pytest.mark.parametrize("name", sorted(all_names() - {"record"}))
def test_example_of_a_command_is_understood_as_it(name: str) -> None:
    example = COMMANDS[name]["example"] or COMMANDS[name]["word"]
    found = split_command(example, vocabulary_for(all_names()))
    assert isinstance(found, CommandFound)
    assert found.name == name


def test_words_for_closing_an_alert_can_be_typed() -> None:
    for cause in Cause:
        for measure in Measure:
            closing = parse_closing(f"{WORDS['cause'][cause]} {WORDS['measure'][measure]} 说明")
            assert closing is not None
            assert (closing.cause, closing.measure) == (cause, measure)


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=relative)
def test_what_people_are_told_to_type_is_a_command(path: Path) -> None:
    vocabulary = vocabulary_for(all_names())
    for typed in TYPEABLE.findall(path.read_text(encoding="utf-8")):
        understood = isinstance(split_command(typed.strip(), vocabulary), CommandFound)
        assert understood or typed.strip() == PRESS_WORD, typed


@pytest.mark.parametrize("name", [name for name, form in CARDS if form is Form.KF])
def test_tapped_shortcuts_are_commands(name: str) -> None:
    message = render(EXAMPLES[name], Form.KF).card
    assert message is not None
    vocabulary = vocabulary_for(all_names())
    ids = [item["click"]["id"] for item in message.get("msgmenu", {}).get("list", [])]
    for tapped in (tap.removeprefix("cmd:") for tap in ids if tap.startswith("cmd:")):
        assert isinstance(split_command(tapped, vocabulary), CommandFound), tapped


@pytest.mark.parametrize(
    "path", [p for p in ALL_TEMPLATES if p.name.endswith(".json.j2")], ids=relative
)
def test_json_templates_use_no_macro(path: Path) -> None:
    macros = (nodes.Macro, nodes.CallBlock, nodes.Import, nodes.FromImport)
    assert list(parse(path).find_all(macros)) == []


def test_no_text_template_is_unused() -> None:
    entrances = {"plain.txt.j2", "body.txt.j2", *(f"{form}.json.j2" for form in Form)}
    wanted = {name for path in ALL_TEMPLATES for name in used(parse(path))}
    unused = {
        relative(path)
        for path in ALL_TEMPLATES
        if path.name not in entrances
        and path.parent.name != "refusals"
        and relative(path) not in wanted
    }
    assert unused == set()


FINAL = (
    "voucher_done",
    "voucher_dropped",
    "choice_dropped",
    "gift_dropped",
    "campaign_dropped",
    "record_done",
    "record_cancelled",
    "undo_done",
    "tell_customer_done",
    *("campaign_dropped", "record_done", "record_cancelled", "undo_done", "tell_customer_done"),
    "shelf_done",
)


@pytest.mark.parametrize(
    "name",
    [name for name, form in CARDS if form is Form.WECOM and name.partition(".")[0] in FINAL]
    + ["alert_card.resolved", "alert_card.taken_by_other"]
    + ["approval_card.approved", "approval_card.withdrawn", "approval_card.expired"],
)
def test_final_cards_have_nothing_to_press(name: str) -> None:
    wecom, dingtalk = (render(EXAMPLES[name], form).card for form in (Form.WECOM, Form.DINGTALK))
    assert wecom is not None
    assert dingtalk is not None
    assert wecom["card_type"] == "text_notice"
    assert wecom.keys() & {"button_list", "select_list", "submit_button"} == set()
    assert dingtalk["buttons"] == []


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("record_preview.normal", ["confirm", "cancel"]),
        ("undo_preview.normal", ["confirm", "cancel"]),
        ("tell_customer.normal", ["told"]),
        ("alert_card.normal", ["take"]),
        ("alert_card.taken", ["resolve"]),
        ("alert_form.normal", ["submit"]),
        ("approval_card.normal", ["approve", "decline"]),
        ("approval_card.mine", ["withdraw"]),
        ("campaign_preview.normal", ["confirm", "cancel"]),
        ("voucher_preview.normal", ["use1", "cancel"]),
        ("voucher_preview.projects", ["use1", "use2", "use3", "cancel"]),
        ("choose_card.normal", ["0", "1"]),
    ],
)
def test_buttons_carry_the_tickets_choices(name: str, choices: list[str]) -> None:
    wecom, dingtalk = (render(EXAMPLES[name], form).card for form in (Form.WECOM, Form.DINGTALK))
    assert wecom is not None
    assert dingtalk is not None
    keys = [button["key"] for button in wecom.get("button_list", [])]
    keys += [wecom["submit_button"]["key"]] if "submit_button" in wecom else []
    assert [key.partition(":")[2] for key in keys] == choices
    assert [button["action"] for button in dingtalk["buttons"]] == keys
