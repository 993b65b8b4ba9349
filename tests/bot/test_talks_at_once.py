"""Lines that a customer types faster than they are handled, one by one or by several workers."""

from concurrent.futures import ThreadPoolExecutor

from bot.channel_configs import KF
from domain.ids import InboxId
from handlers.incoming import Incoming, Said
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

VIEWS = "SELECT view FROM deliveries WHERE kind = 'reply' ORDER BY id"


def received(office: Office, *lines: str) -> list[InboxId]:
    """Let all lines stand in the inbox before the first is handled."""
    items = []
    for number, line in enumerate(lines):
        incoming = Incoming(KF, f"at-once-{number}", "wmWang", office.clock.now(), Said(line))
        items.append(office.intake.receive(MAIN, incoming).item)
    return items


def all_at_once(office: Office, *lines: str) -> None:
    for item in received(office, *lines):
        office.sends(*office.runtime.handle(MAIN, item).deliveries)


def test_ten_lines_of_nonsense_at_once_call_one_person(office: Office) -> None:
    all_at_once(office, *(f"今天天气不错{number}" for number in range(10)))
    assert [view for (view,) in office.all(VIEWS)] == [
        "did_you_mean",
        "person_coming",
        *["did_you_mean"] * 8,
    ]
    [(calls,)] = office.all("SELECT count(*) FROM deliveries WHERE view = 'person_wanted_card'")
    assert calls == 1


def test_however_many_workers_handle_them_one_person_is_called(office: Office) -> None:
    items = received(office, *(f"今天天气不错{number}" for number in range(12)))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda item: office.runtime.handle(MAIN, item), items))
    views = [view for (view,) in office.all(VIEWS)]
    assert sorted(views) == ["did_you_mean"] * 11 + ["person_coming"]
    [(calls,)] = office.all("SELECT count(*) FROM deliveries WHERE view = 'person_wanted_card'")
    assert calls == 1


def test_what_was_typed_while_the_person_was_called_is_handed_over_too(office: Office) -> None:
    all_at_once(office, "三栋漏水了", "转人工", "快一点")
    [card] = office.phones.shown("chenxiao")
    assert [line.partition("「")[2] for line in card.split("\n")[-3:]] == [
        "三栋漏水了」→ 这句话我没看懂，请换个短一点的说法，例「余额」「兑换」。",
        "转人工」",
        "快一点」",
    ]
