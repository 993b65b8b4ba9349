"""Corners where somebody would wrongly be told, not be told, or be allowed."""

from dataclasses import replace

from domain.channels import SessionState, Unreachable
from domain.deliveries import DeliveryState
from domain.errors import ErrorCode
from domain.ids import MemberId
from domain.members import Role
from handlers.system import take_refusal
from handlers.usecases.binding import invite_contact
from handlers.views import AlertCard, PointsNotice, RecordDone, RecordPreview, Refusal, TellCustomer
from tests.support.chat import Chat
from tests.support.make import a_customer, a_member
from tests.support.stores import DING, KF, MAIN

SENTENCE = "滨江一期 主体昨天验收通过"


def record(chat: Chat) -> None:
    """Let li record a delivery."""
    shown = chat.says("li", SENTENCE)
    assert isinstance(chat.presses("li", shown, "confirm"), RecordDone)


def test_a_notice_keeps_waiting_while_a_person_holds_the_conversation(chat: Chat) -> None:
    chat.says("wang", "你好")
    with chat.store.work(MAIN) as work:
        work.identities.set_session(KF, "wm-wang", SessionState.HUMAN)
        work.commit()
    record(chat)
    chat.says("wang", "在吗")
    [held] = chat.deliveries("wang")
    assert held.state is DeliveryState.HELD
    assert isinstance(chat.last("sun"), TellCustomer)
    with chat.store.work(MAIN) as work:
        work.identities.set_session(KF, "wm-wang", SessionState.BOT)
        work.commit()
    chat.says("wang", "你好")
    assert any(isinstance(view, PointsNotice) for view in chat.phone("wang"))


def test_a_notice_that_is_held_again_is_asked_about_again(chat: Chat) -> None:
    record(chat)
    [held] = chat.deliveries("wang")
    first = chat.last("sun")
    with chat.store.work(MAIN) as work:
        now = chat.clock.now()
        work.deliveries.set_state(held.id, DeliveryState.QUEUED, reason=None, now=now)
        work.commit()
    chat.acts(lambda ctx: take_refusal(ctx, held.id, Unreachable.WINDOW_CLOSED, "95002"))
    tasks = [view for view in chat.phone("sun") if isinstance(view, TellCustomer)]
    assert [task.obstacle for task in tasks] == ["never_wrote", "window_closed"]
    assert tasks[0].ticket == first.ticket != tasks[1].ticket


def test_a_warning_that_no_supervisor_can_get_goes_to_the_admins(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        for name in ("zhang", "zhao"):
            work.identities.block(DING, f"ding-{name}", "81013")
        work.identities.block(chat.account("zhang@app").channel, "zhang", "81013")
        work.commit()
    chat.says("wang", "评价 滨江一期 1 渗水三次没人管")
    assert isinstance(chat.last("qian"), AlertCard)
    # The blocked accounts are tried as well: what was wrong may have been mended.
    assert [d.view for d in chat.deliveries("zhang@app")] == ["alert_card"]


def test_while_a_supervisor_can_be_reached_admins_are_left_alone(chat: Chat) -> None:
    chat.says("wang", "评价 滨江一期 1 渗水三次没人管")
    assert chat.phone("qian") == []


def test_numbers_of_customers_are_not_shown_in_groups(chat: Chat) -> None:
    chat.says("wang", "评价 滨江一期 1 渗水三次没人管")
    for words in ("预警", "处理 1", "解决 1 施工质量 返工", "项目"):
        refused = chat.says("zhao", words, group=True)
        assert isinstance(refused, Refusal)
        assert refused.code == ErrorCode.PRIVATE_ONLY


def test_a_code_typed_in_a_group_binds_nobody(chat: Chat) -> None:
    chat.joins("outsider", DING, "outsider:1")
    refused = chat.says("outsider", "绑定 ABCD2345", group=True)
    assert isinstance(refused, Refusal)
    assert refused.code == ErrorCode.PRIVATE_ONLY


def test_a_customers_code_works_on_the_customers_channel_only(chat: Chat) -> None:
    customer = a_customer("C001", "滨江置业", "sun")
    invited = chat.acts(lambda ctx: invite_contact(ctx, customer, "wang", None))
    chat.joins("outsider", DING, "outsider:1")
    refused = chat.says("outsider", f"绑定 {invited.code}")
    assert isinstance(refused, Refusal)
    assert refused.code == ErrorCode.CODE_REFUSED


def test_another_role_does_not_widen_what_a_manager_may_record(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        roles = frozenset({Role.PROJECT_MANAGER, Role.FINANCE, Role.SUPERVISOR})
        work.members.add(a_member("he", *roles))
        work.commit()
    chat.joins("he", DING, "ding-he", member="he")
    assert isinstance(chat.says("he", f"记录 {SENTENCE}"), Refusal)


def test_a_project_that_was_handed_on_is_no_longer_recorded_by_an_old_button(chat: Chat) -> None:
    shown = chat.says("li", SENTENCE)
    assert isinstance(shown, RecordPreview)
    _hand_on(chat, "P001", "ma")
    refused = chat.refused("li", lambda: chat.presses("li", shown, "confirm"))
    assert refused.code == ErrorCode.NOT_PERMITTED


def _hand_on(chat: Chat, project: str, manager: str) -> None:
    """Give a project another manager, as later set-up pages will."""
    rows = chat.store.committed(MAIN).projects
    rows[project] = replace(rows[project], manager=MemberId(manager))
