"""No notice leaves to a contact whose rights do not cover it: not made, not held, not sent."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from domain.channels import Unreachable
from domain.deliveries import DeliveryState, Withheld
from domain.facts import NoticeWithheld
from domain.ids import ContactId
from domain.ports import Attempt
from handlers.covering import why_not_sent, why_withheld
from handlers.usecases.notices import keep_notice
from handlers.views import PointsNotice, RightNotice, TellCustomer, TellCustomerDone
from tests.handlers.test_notices import record, task
from tests.support.chat import Chat
from tests.support.make import a_contact, a_delivery
from tests.support.stores import KF, MAIN

RIGHT = asdict(RightNotice("滨江置业", "李四", is_own=True, may_redeem=False, redeemers=()))
DEAD, HELD, SENT = DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.SENT


def note(chat: Chat, action: str) -> Any:
    [found] = [n for n in chat.store.committed(MAIN).audit.values() if n.action == action]
    return found


def test_points_are_told_only_to_who_sees_them(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    for who in ("wang", "lisi"):
        unit.says(who, "你好")
    assert record(unit).notice == "pushed"
    assert isinstance(unit.last("wang"), PointsNotice)
    assert not any(isinstance(view, PointsNotice) for view in unit.phone("lisi"))
    assert unit.deliveries("lisi") == []
    assert "notice_withheld" not in unit.actions()


def test_nobody_is_asked_to_tell_points_to_who_may_not_see_them(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 wang 停用查看")
    record(unit)
    cards = [view for view in unit.phone("sun") if isinstance(view, TellCustomer)]
    assert [card.contact for card in cards] == ["李四"]


def test_who_records_learns_that_nobody_sees_the_points(unit: Chat) -> None:
    for who in ("wang", "李四"):
        unit.says("sun", f"授权 滨江置业 {who} 停用查看")
    before = len(unit.phone("sun"))
    assert record(unit).notice == "unseen"
    assert len(unit.phone("sun")) == before


def test_a_held_notice_is_given_up_when_the_right_is_taken(unit: Chat) -> None:
    record(unit)
    card = next(v for v in unit.phone("sun") if isinstance(v, TellCustomer) and v.contact == "李四")
    unit.says("zhang", "授权 滨江置业 李四 停用查看")
    [held] = unit.deliveries("lisi")
    assert (held.state, held.reason) == (DEAD, Withheld.UNSEEN)
    assert NoticeWithheld(held.id, ContactId("李四"), Withheld.UNSEEN) in unit.facts
    written = note(unit, "notice_withheld")
    assert written.subject == f"delivery:{held.id}"
    assert written.after == {"view": "points_notice", "reason": "points_unseen"}
    done = [view for view in unit.phone("sun") if isinstance(view, TellCustomerDone)]
    assert [(d.contact, d.withheld) for d in done] == [("李四", "points_unseen")]
    assert card not in unit.phone("sun")
    unit.says("lisi", "你好")
    assert not any(isinstance(view, PointsNotice) for view in unit.phone("lisi"))
    assert [d.state for d in unit.deliveries("wang")] == [HELD]


def test_what_is_not_about_points_still_waits(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 兑换")
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    [held] = unit.deliveries("lisi")
    assert (held.view, held.state) == ("right_notice", HELD)


def test_a_notice_whose_right_has_gone_is_not_let_out_when_the_contact_writes(unit: Chat) -> None:
    record(unit)
    with unit.store.work(MAIN) as work:
        work.customers.change_contact(a_contact("李四", may_see=False, may_redeem=False))
        work.commit()
    unit.says("lisi", "你好")
    [held] = unit.deliveries("lisi")
    assert (held.state, held.reason) == (DEAD, Withheld.UNSEEN)
    assert not any(isinstance(view, PointsNotice) for view in unit.phone("lisi"))


def test_a_notice_that_could_not_be_sent_is_not_held_for_who_may_not_see_it(unit: Chat) -> None:
    lisi = ContactId("李四")
    delivery = a_delivery(external_id="wm-lisi", contact=lisi, state=DeliveryState.SENDING)
    blind = a_contact("李四", may_see=False, may_redeem=False)
    with unit.store.work(MAIN) as work:
        work.deliveries.add(delivery)
        work.commit()
    unit.acts(lambda ctx: keep_notice(ctx, delivery, blind, Unreachable.BLOCKED))
    [given_up] = unit.deliveries("lisi")
    assert (given_up.state, given_up.reason) == (DEAD, Withheld.UNSEEN)
    assert unit.phone("sun") == []


def test_a_notice_for_who_has_left_meanwhile_is_written_down_and_not_sent(unit: Chat) -> None:
    unit.says("lisi", "评价 滨江一期 1 渗水三次没人管")
    unit.says("zhang", "接手 1")
    with unit.store.work(MAIN) as work:
        work.customers.change_contact(a_contact("李四", is_active=False, may_redeem=False))
        work.commit()
    unit.says("zhang", "解决 1 施工质量 返工")
    assert unit.deliveries("lisi") == []
    written = note(unit, "notice_withheld")
    assert (written.subject, written.after) == (
        "contact:李四",
        {"view": "follow_up", "reason": "contact_left"},
    )


def test_what_went_along_with_a_notice_that_is_given_up_goes_by_itself(unit: Chat) -> None:
    lisi, queue, minute = ContactId("李四"), unit.store.queue, timedelta(minutes=1)
    now = unit.clock.now()
    to_lisi = {"external_id": "wm-lisi", "contact": lisi, "next_at": now}
    points = a_delivery(**to_lisi)
    about = {"view": "right_notice", "data": RIGHT, "dedupe_key": "right"}
    right = a_delivery(id="e-right", **about, **to_lisi)
    with unit.store.work(MAIN) as work:
        for delivery in (points, right):
            work.deliveries.add(delivery)
        work.commit()
    lead = queue.claim(MAIN, points.id, now, now + minute)
    assert lead is not None
    [carried] = queue.claim_queued_of(MAIN, KF, "wm-lisi", now, now + minute, limit=5)
    attempt = Attempt(carried.id, now, "merged")
    queue.finish(MAIN, carried, DeliveryState.MERGED, attempt, carried_by=points.id)
    failed = Attempt(points.id, now, "retry", "timeout")
    queue.finish(MAIN, lead, DeliveryState.QUEUED, failed, next_at=now + minute)

    unit.says("sun", "授权 滨江置业 李四 停用查看")

    first, second, *_ = unit.deliveries("lisi")
    assert (first.id, first.state, first.reason) == (points.id, DEAD, Withheld.UNSEEN)
    assert (second.id, second.external_id, second.state) == (right.id, "wm-lisi", SENT)
    assert isinstance(unit.phone("lisi")[0], RightNotice)
    assert not any(isinstance(view, PointsNotice) for view in unit.phone("lisi"))
    assert unit.actions().count("notice_withheld") == 1


def test_just_before_it_is_sent_a_notice_is_looked_at_again(unit: Chat) -> None:
    of_points = a_delivery(contact="wang")
    of_work = a_delivery(id="d-work", view="follow_up", contact="wang", dedupe_key="work")
    of_member = a_delivery(kind="push", contact=None)
    with unit.store.reading(MAIN) as work:
        for delivery in (of_points, of_work, of_member):
            assert why_not_sent(work, delivery) is None
    with unit.store.work(MAIN) as work:
        work.customers.change_contact(a_contact("wang", may_see=False, may_redeem=False))
        assert why_not_sent(work, of_points) is Withheld.UNSEEN
        assert why_not_sent(work, of_work) is None
        assert why_not_sent(work, of_member) is None
        work.customers.change_contact(a_contact("wang", is_active=False, may_redeem=False))
        assert why_not_sent(work, of_work) is Withheld.LEFT
        assert why_not_sent(work, of_member) is None


def test_a_view_nobody_has_thought_of_is_only_for_who_sees_points() -> None:
    assert why_withheld(a_contact(), "something_new") is None
    blind = a_contact(may_see=False, may_redeem=False)
    assert why_withheld(blind, "something_new") is Withheld.UNSEEN
    assert why_withheld(blind, "right_notice") is None
    assert why_withheld(a_contact(is_active=False), "right_notice") is Withheld.LEFT


def test_codes_are_only_for_who_may_spend_the_points() -> None:
    looking = a_contact(may_redeem=False)
    assert why_withheld(a_contact(), "voucher_codes") is None
    assert why_withheld(looking, "voucher_codes") is Withheld.UNSPENDABLE
    assert why_withheld(looking, "points_notice") is None
    assert why_withheld(a_contact(is_active=False), "voucher_codes") is Withheld.LEFT


def test_a_task_that_was_told_is_told_once(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    record(unit)
    assert isinstance(unit.presses("sun", task(unit), "told"), TellCustomerDone)
