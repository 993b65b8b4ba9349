"""What 取消 says, also in rows that an earlier release has queued."""

from typing import Any

import pytest

from bot.codec import view_to_json
from bot.presenter import Form
from handlers.views import Cancelled, RecordCancelled
from tests.cards.examples import PRESENTER, has_card


def rendered(view: Any, *without: str) -> list[Any]:
    """Render a view in all its forms, without the fields an earlier release did not know."""
    data = {name: value for name, value in view_to_json(view).items() if name not in without}
    forms = [form for form in Form if form is Form.PLAIN or has_card(view, form)]
    return [PRESENTER.render(view.view_name, data, form) for form in forms]


@pytest.mark.parametrize(
    "view",
    [
        Cancelled(had_something=True),
        Cancelled(had_something=False),
        RecordCancelled("滨江一期", "主体结构"),
    ],
)
def test_rows_of_an_earlier_release_are_still_shown(view: Any) -> None:
    assert rendered(view, "instead", "waiting", "gifts", "is_undo") == rendered(view)


def test_an_undo_dropped_by_an_earlier_release_named_no_project() -> None:
    for message in rendered(RecordCancelled("", ""), "is_undo"):
        assert message.text.startswith("已取消\n")
        title = (message.card or {}).get("title", "已取消")
        assert title == "已取消"
