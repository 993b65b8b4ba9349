"""Before a record is confirmed: what a cap keeps back, and the same fact told another way."""

from domain.repositories import Publication
from domain.rules.model import Cap, Scope, Window
from handlers.usecases.points import book, undo
from handlers.views import RecordDone, RecordPreview
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_rule, an_event
from tests.support.stores import MAIN

SENTENCE = "滨江一期 主体今天验收通过"


def preview(chat: Chat) -> RecordPreview:
    shown = chat.says("li", SENTENCE)
    assert isinstance(shown, RecordPreview), shown
    return shown


def test_what_another_system_has_told_is_asked_about_and_may_be_recorded(chat: Chat) -> None:
    chat.acts(lambda ctx: book(ctx, an_event(), tells=False))

    shown = preview(chat)

    assert (shown.twin_source, shown.twin_at) == ("erp", START.isoformat(timespec="seconds"))
    assert isinstance(chat.presses("li", shown, "confirm"), RecordDone)
    assert len(chat.state().events) == 2


def test_another_milestone_of_the_same_day_is_no_twin(chat: Chat) -> None:
    chat.presses("li", preview(chat), "confirm")

    shown = chat.says("li", "滨江一期 竣工今天验收通过")

    assert isinstance(shown, RecordPreview)
    assert shown.twin_at == ""


def test_what_was_undone_is_no_twin(chat: Chat) -> None:
    event = an_event()
    chat.acts(lambda ctx: book(ctx, event, tells=False))
    chat.acts(lambda ctx: undo(ctx, event, tells=False))

    assert preview(chat).twin_at == ""


def test_what_a_cap_keeps_back_is_shown_before_and_kept_back_after(chat: Chat) -> None:
    cap = Cap(Scope.PROJECT, Window.MONTH, points=20)
    with chat.store.work(MAIN) as work:
        rule = a_rule("extra", caps=(cap,))
        work.rules.add(rule, Publication(START))
        work.commit()

    shown = preview(chat)
    done = chat.presses("li", shown, "confirm")

    assert (shown.points, shown.short, shown.twin_at) == (70, 30, "")
    assert isinstance(done, RecordDone)
    assert (done.points, done.available_after) == (70, 70)
