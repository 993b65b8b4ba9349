"""A ledger that somebody changes behind our back, and the supervisors' phones next morning."""

from sqlalchemy import text

from bot.wiring import MAIN
from storage.engine import migration_engine, parse_url
from tests.support.town import Town, text_of


def tamper(town: Town) -> None:
    """Change what a published rule is called, past its triggers."""
    with migration_engine(parse_url(town.settings.database_url)).begin() as raw:
        found = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rule_versions'"
        )
        for (name,) in raw.execute(text(found)).all():
            raw.execute(text(f"DROP TRIGGER {name}"))
        raw.execute(text("UPDATE rule_versions SET name = 'x' WHERE code = 'contract-amount'"))


def test_damage_found_at_night_is_on_the_supervisors_phone(town: Town) -> None:
    town.settles()
    mark = town.mark()
    tamper(town)
    for _ in range(2):  # one of the two is after three in the morning
        town.jumps(hours=12)
        town.parts.nightly(MAIN)
    bubble = town.waits_for("wecom:zhangmin", "账本被改动", after=mark)
    assert "zhufen verify" in text_of(bubble)
    town.settles()
    assert town.one("SELECT count(*) FROM alerts WHERE kind = 'damage'") == 1
