"""The ledger's daily head reaches the supervisors, and a customer checks a proof against it."""

import re

import httpx2
import pytest

from tests.flows.conftest import OpenTown
from tests.proof import stranger
from tests.support.deeds import EARLY, LI, WANG, ZHANG, bind, record
from tests.support.town import text_of

LINK = re.compile(r"http://127\.0\.0\.1:\d+/app/proof/main\.[0-9A-Z]{26}")
CODE = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_customer_checks_the_wallet_against_what_the_supervisors_keep(
    open_town: OpenTown, database: str
) -> None:
    town = open_town(database=database)
    bind(town)
    record(town, LI, EARLY)
    mark = town.says(WANG, "明细")
    [kept] = CODE.findall(text_of(town.waits_for(WANG, "核对码", after=mark)))
    town.settles()
    mark = town.mark()
    town.jumps(days=1, minutes=10)
    notice = text_of(town.waits_for(ZHANG, "账本封存", after=mark, seconds=20))
    [published] = CODE.findall(notice)

    mark = town.says(WANG, "凭证")
    answer = text_of(town.waits_for(WANG, "下载凭证", after=mark))
    [link] = LINK.findall(answer)
    proof = httpx2.get(link).json()
    assert stranger.problems(proof, kept, published) == []
    assert proof["inclusion"] is not None
    assert "自己核对积分" in httpx2.get(link.partition("/proof/")[0] + "/check").text
    town.settles()
    assert town.one("SELECT count(*) FROM day_heads") == 1
