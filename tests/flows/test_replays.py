"""A database older than the platform's log: three days come again and nobody acts on them."""

from tests.support.deeds import WANG, ZHANG, bind, complain
from tests.support.town import Town


def forget(town: Town) -> None:
    """Lose what a backup from before would not have: the callbacks and how far we had read."""
    with town.parts.store.work(town.parts.store.tenants()[0]) as work:
        work._db.run("DELETE FROM inbox WHERE tenant_id = :tenant")
        work._db.run("UPDATE channels SET log_cursor = NULL WHERE tenant_id = :tenant")
        work.commit()


def test_what_was_said_before_is_marked_stale_and_not_done_again(town: Town) -> None:
    town.wakes_up()
    bind(town)
    complain(town)
    town.settles()
    town.clock.pass_by(hours=30)
    forget(town)
    warned = len(town.shown(ZHANG))

    mark = town.says(WANG, "余额")

    town.waits_for(WANG, "分可用", after=mark)
    town.settles()
    assert town.one("SELECT count(*) FROM reviews") == 1
    assert len(town.shown(ZHANG)) == warned
    assert len(town.shown(WANG, mark)) == 1
    assert town.one("SELECT count(*) FROM inbox WHERE state = 'stale'") == 2
    assert town.one("SELECT count(*) FROM identities WHERE contact_id IS NOT NULL") == 1
