"""Interactive cards: strict parameters, delivery results, updates, what a click shows to whom."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from bot.emulator.dingtalk import CannotActError, Limits
from bot.emulator.dingtalk.crypto import card_sign
from tests.bot.emulator.dingtalk.conftest import GROUP, TEMPLATE, Seen, Stage, StageMaker

pytestmark = pytest.mark.anyio

CARD = ("CALLBACK", "/v1.0/card/instances/callback")
CREATE = "/v1.0/card/instances/createAndDeliver"
UPDATE = "/v1.0/card/instances"


def card(space: str = "IM_ROBOT.0412337", **changes: Any) -> dict[str, Any]:
    return {
        "cardTemplateId": TEMPLATE,
        "outTrackId": "warn-1",
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"title": "库存预警", "status": "open"}},
        "openSpaceId": f"dtv1.card//{space}",
        "imRobotOpenSpaceModel": {"supportForward": False},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        "imGroupOpenSpaceModel": {"supportForward": False},
        "imGroupOpenDeliverModel": {"robotCode": "dingappkey0001"},
        **changes,
    }


def body(stage: Stage, staff_id: str) -> dict[str, Any]:
    (bubble,) = [b for b in stage.shown(staff_id) if b.kind == "card"]
    return bubble.body


async def update(stage: Stage, params: dict[str, str], **options: bool) -> int:
    request: dict[str, Any] = {"outTrackId": "warn-1", "cardData": {"cardParamMap": params}}
    if options:
        request["cardUpdateOptions"] = options
    return (await stage.api("PUT", UPDATE, request)).status_code


async def test_a_card_shows_public_and_private_data(stage: Stage) -> None:
    private = {"0412337": {"cardParamMap": {"mine": "1"}}}

    answer = await stage.api("POST", CREATE, card(privateData=private))

    assert answer.json()["result"]["deliverResults"][0]["success"] is True
    assert body(stage, "0412337") == {
        "template": TEMPLATE,
        "data": {"title": "库存预警", "status": "open"},
        "private": {"mine": "1"},
    }
    assert stage.errors == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cardData": {"cardParamMap": {"n": 1}}}, "param.error"),
        ({"cardData": {"cardParamMap": {"n": "字" * 342}}}, "param.error"),
        ({"cardData": {"cardParamMap": {"n" * 101: "1"}}}, "param.error"),
        ({"cardData": {"cardParamMap": {str(n): "x" * 1000 for n in range(110)}}}, "param.error"),
        ({"cardTemplateId": "unknown.schema"}, "param.templateNotExist"),
        ({"outTrackId": "x" * 101}, "param.error"),
        ({"callbackType": "stream"}, "param.error"),
        ({"callbackType": "HTTP", "callbackRouteKey": "never registered"}, "param.error"),
        ({"openSpaceId": "IM_ROBOT.0412337"}, "param.error"),
        ({"privateData": {"stranger": {"cardParamMap": {}}}}, "param.userIdNotExist"),
    ],
)
async def test_a_card_the_platform_refuses_is_refused_and_noted(
    stage: Stage, changes: dict[str, Any], code: str
) -> None:
    answer = await stage.api("POST", CREATE, card(**changes))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(stage.errors) == 1
    assert stage.shown("0412337") == []


async def test_success_can_hide_a_failed_delivery(stage: Stage) -> None:
    answer = await stage.api("POST", CREATE, card("IM_ROBOT.0412337;IM_ROBOT.stranger"))

    results = answer.json()["result"]["deliverResults"]
    assert answer.json()["success"] is True
    assert [r["success"] for r in results] == [True, False]
    assert results[1]["errorMsg"] == "spaceId is illegal"


async def test_an_out_track_id_is_good_for_one_card(stage: Stage) -> None:
    await stage.api("POST", CREATE, card())

    again = await stage.api("POST", CREATE, card(cardData={"cardParamMap": {"title": "新"}}))

    assert again.json()["code"] == "param.cardAlreadyExist"
    assert body(stage, "0412337")["data"]["title"] == "库存预警"


async def test_an_update_by_key_merges(stage: Stage) -> None:
    await stage.api("POST", CREATE, card())

    await update(stage, {"status": "done"}, updateCardDataByKey=True)

    assert body(stage, "0412337")["data"] == {"title": "库存预警", "status": "done"}


async def test_an_update_without_the_option_wipes_the_rest(stage: Stage) -> None:
    await stage.api("POST", CREATE, card())

    await update(stage, {"status": "done"})

    assert body(stage, "0412337")["data"] == {"status": "done"}


async def test_private_data_is_updated_per_person(stage: Stage) -> None:
    await stage.api("POST", CREATE, card(f"IM_GROUP.{GROUP}"))
    private = {"0412338": {"cardParamMap": {"mine": "1"}}}

    await stage.api("PUT", UPDATE, {"outTrackId": "warn-1", "privateData": private})

    assert body(stage, "0412338")["private"] == {"mine": "1"}
    assert body(stage, "0412337")["private"] == {}
    assert body(stage, "0412337")["data"]["status"] == "open"


async def test_a_clicks_answer_is_seen_by_the_clicker_until_everybody_is_updated(
    stage: Stage,
) -> None:
    await stage.api("POST", CREATE, card(f"IM_GROUP.{GROUP}"))
    answer = {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": {"status": "acked"}},
        "userPrivateData": {"cardParamMap": {"mine": "1"}},
    }
    async with stage.stream(CARD) as client:
        press = asyncio.create_task(
            stage.platform.member_presses("0412338", "warn-1", "ack", {"note": "好"})
        )
        frame = await client.frame()
        await client.ack(frame, {"response": answer})
        await press

    data = json.loads(frame["data"])
    assert (data["type"], data["outTrackId"]) == ("actionCallback", "warn-1")
    assert (data["userId"], data["spaceType"], data["spaceId"]) == ("0412338", "IM_GROUP", GROUP)
    assert json.loads(data["content"]) == {
        "cardPrivateData": {"actionIds": ["ack"], "params": {"note": "好"}}
    }
    clicker, other = body(stage, "0412338"), body(stage, "0412337")
    assert (clicker["data"]["status"], clicker["private"]) == ("acked", {"mine": "1"})
    assert (other["data"]["status"], other["private"]) == ("open", {})

    await update(stage, {"status": "acked"}, updateCardDataByKey=True)

    assert body(stage, "0412337")["data"]["status"] == "acked"
    assert stage.errors == []


async def test_a_click_over_http_is_signed_with_the_routes_secret(stage: Stage) -> None:
    async def answer(_: Seen) -> Response:
        return JSONResponse({"cardData": {"cardParamMap": {"status": "acked"}}})

    stage.answer = answer
    url = f"{stage.platform.callback_base_url}/card"
    route = {"callbackRouteKey": "cards", "callbackUrl": url, "apiSecret": "other secret"}
    await stage.api("POST", "/v1.0/card/callbacks/register", route)
    for track, key in (("warn-1", ""), ("warn-2", "cards")):
        new = card(outTrackId=track, callbackType="HTTP", callbackRouteKey=key)
        await stage.api("POST", CREATE, new)

    for track in ("warn-1", "warn-2"):
        await stage.platform.member_presses("0412337", track, "ack")

    for seen, secret in zip(stage.seen, ("apisecret", "other secret"), strict=True):
        stamp = seen.headers["x-ddpaas-signature-timestamp"]
        assert seen.headers["x-ddpaas-signature"] == card_sign(stamp, secret)
        assert seen.path == "/app/card"
    # Without updateCardDataByKey the answer wipes what it does not name, for the clicker.
    assert [b.body["data"] for b in stage.shown("0412337")] == [{"status": "acked"}] * 2


async def test_a_route_changes_only_with_force(stage: Stage) -> None:
    path = "/v1.0/card/callbacks/register"
    route = {"callbackRouteKey": "cards", "callbackUrl": "https://one.example/card"}
    await stage.api("POST", path, route)
    other = {**route, "callbackUrl": "https://two.example/card"}

    refused = await stage.api("POST", path, other)
    kept = stage.platform.cards.routes["cards"].url
    forced = await stage.api("POST", path, {**other, "forceUpdate": True})

    assert (refused.status_code, forced.status_code) == (400, 200)
    assert kept == "https://one.example/card"
    assert stage.platform.cards.routes["cards"].url == "https://two.example/card"


async def test_an_answer_after_the_deadline_changes_nothing(make_stage: StageMaker) -> None:
    stage = await make_stage(Limits(card_deadline=0.05))
    await stage.api("POST", CREATE, card())
    async with stage.stream(CARD) as client:
        push = await stage.platform.member_presses("0412337", "warn-1", "ack")
        answer = {"response": {"cardData": {"cardParamMap": {"status": "acked"}}}}
        await client.ack(await client.frame(), answer)
        await push.answer(5)

    assert body(stage, "0412337")["data"]["status"] == "open"
    assert stage.errors == ["/v1.0/card/instances/callback: no answer within 0.05 s"]


async def test_a_click_the_platform_swallowed_is_no_mistake_of_the_app(
    make_stage: StageMaker,
) -> None:
    stage = await make_stage(Limits(card_deadline=0.05))
    await stage.api("POST", CREATE, card())
    async with stage.stream(CARD):
        await stage.platform.gateway.zombie()
        push = await stage.platform.member_presses("0412337", "warn-1", "ack")

    assert push.lost
    assert push.refusals == ["zombie connection"]
    assert stage.errors == []


async def test_an_update_inside_a_callback_is_noted(stage: Stage) -> None:
    async def answer(_: Seen) -> Response:
        await update(stage, {"status": "acked"}, updateCardDataByKey=True)
        return JSONResponse({})

    stage.answer = answer
    await stage.api("POST", CREATE, card(callbackType="HTTP"))

    await stage.platform.member_presses("0412337", "warn-1", "ack")

    assert stage.errors == [
        "/v1.0/card/instances: a card was updated while its callback was unanswered"
    ]


async def test_an_answer_with_other_names_or_numbers_is_noted_and_not_shown(stage: Stage) -> None:
    answers = iter([{"cardData": {"cardParamMap": {"n": 1}}}, {"privateData": {}}])

    async def answer(_: Seen) -> Response:
        return JSONResponse(next(answers))

    stage.answer = answer
    await stage.api("POST", CREATE, card(callbackType="HTTP"))

    for _ in range(2):
        await stage.platform.member_presses("0412337", "warn-1", "ack")

    assert len(stage.errors) == 2
    assert body(stage, "0412337")["data"]["status"] == "open"


async def test_only_a_forwardable_card_can_be_pressed_by_others(stage: Stage) -> None:
    await stage.api("POST", CREATE, card())
    forward = {"supportForward": True}
    await stage.api("POST", CREATE, card(outTrackId="warn-2", imRobotOpenSpaceModel=forward))

    with pytest.raises(CannotActError):
        await stage.platform.member_presses("0412339", "warn-1", "ack")
    async with stage.stream(CARD) as client:
        press = asyncio.create_task(stage.platform.member_presses("0412339", "warn-2", "ack"))
        frame = await client.frame()
        await client.ack(frame, {"response": {}})
        await press

    assert json.loads(frame["data"])["userId"] == "0412339"
