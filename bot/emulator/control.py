"""The emulator's own addresses under /emulator: acting for people, watching, arming faults."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, NonNegativeInt
from starlette.responses import JSONResponse, StreamingResponse

from bot.emulator.acts import Act, perform
from bot.emulator.cast import CastMember
from bot.emulator.dingtalk import CannotActError as DingtalkCannotActError, DingtalkPlatform
from bot.emulator.faults import FaultKind, Faults
from bot.emulator.phones import Phones
from bot.emulator.wecom import CannotActError, WecomPlatform

Json = dict[str, Any]


@dataclass
class Emulator:
    """Everything one emulator process holds; on `app.state.emulator`."""

    phones: Phones
    faults: Faults
    wecom: WecomPlatform | None = None
    dingtalk: DingtalkPlatform | None = None
    cast: tuple[CastMember, ...] = ()

    def people(self) -> list[Json]:
        """List every phone there is with its owner's name."""
        owners: dict[str, dict[str, str]] = {}
        if self.wecom is not None:
            owners["wecom"] = dict(self.wecom.world.members)
            owners["wechat"] = dict(self.wecom.world.customers)
        if self.dingtalk is not None:
            owners["dingtalk"] = dict(self.dingtalk.world.members)
        return [
            {"phone": f"{app}:{user}", "app": app, "user": user, "name": name}
            for app, users in owners.items()
            for user, name in users.items()
        ]


class ArmedFault(BaseModel):
    """A fault to arm."""

    where: str
    kind: FaultKind
    value: float | str | None = None
    times: int | None = None


def make_control(emulator: Emulator, keep_alive_seconds: float) -> APIRouter:
    """Build the control router."""
    router = APIRouter(prefix="/emulator")

    @router.get("/health")
    async def health() -> Json:
        return {"ok": True, "wecom": bool(emulator.wecom), "dingtalk": bool(emulator.dingtalk)}

    @router.post("/act", response_model=None)
    async def act(deed: Act) -> Json | JSONResponse:
        try:
            return await perform(deed, emulator.wecom, emulator.dingtalk)
        except (CannotActError, DingtalkCannotActError) as error:
            return JSONResponse({"error": str(error)}, status_code=409)

    @router.get("/phones")
    async def phones() -> list[Json]:
        return emulator.people()

    @router.get("/phones/{phone}")
    async def phone(phone: str) -> list[Json]:
        return [asdict(bubble) for bubble in emulator.phones.of(phone)]

    @router.get("/stream", response_model=None)
    async def stream() -> StreamingResponse:
        events = _bubbles(emulator.phones, keep_alive_seconds)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    @router.get("/problems")
    async def problems() -> Json:
        return _problems(emulator)

    _add_faults(router, emulator.faults)
    _add_wire(router, emulator)
    _add_stage(router, emulator)
    return router


def _add_faults(router: APIRouter, faults: Faults) -> None:
    @router.get("/faults")
    async def listing() -> list[Json]:
        return [dict(fault) for fault in faults.listing()]

    @router.post("/faults")
    async def arm(fault: ArmedFault) -> list[Json]:
        faults.arm(fault.where, fault.kind, value=fault.value, times=fault.times)
        return await listing()

    @router.delete("/faults")
    async def clear(where: str | None = None) -> list[Json]:
        faults.clear(where)
        return await listing()


def _add_wire(router: APIRouter, emulator: Emulator) -> None:
    """Show what travels between the platforms and the bot; `last` limits each platform's list."""
    wecom, dingtalk = emulator.wecom, emulator.dingtalk

    @router.get("/calls")
    async def calls(last: NonNegativeInt = 0) -> Json:
        return {
            app: [asdict(call) for call in platform.calls[-last:]] if platform else []
            for app, platform in (("wecom", wecom), ("dingtalk", dingtalk))
        }

    @router.get("/callbacks")
    async def callbacks(last: NonNegativeInt = 0) -> Json:
        posted = wecom.posted[-last:] if wecom else []
        pushed = dingtalk.pushes[-last:] if dingtalk else []
        return {
            "wecom": [asdict(post) for post in posted],
            "dingtalk": [
                {
                    "name": push.topic,
                    "at": at,
                    "answered": push.answered,
                    "attempts": push.attempts,
                    "refusals": push.refusals,
                }
                for at, push in pushed
            ],
        }


def _add_stage(router: APIRouter, emulator: Emulator) -> None:
    """Tell the demo page who is who and what may still be sent to customers."""

    @router.get("/cast")
    async def cast() -> list[Json]:
        return [person.to_json() for person in emulator.cast]

    @router.get("/allowances")
    async def allowances() -> Json:
        wecom = emulator.wecom
        if wecom is None:
            return {}
        return {
            f"wechat:{user}": asdict(wecom.kf_allowance(user)) for user in wecom.world.customers
        }


def _problems(emulator: Emulator) -> Json:
    wecom, dingtalk = emulator.wecom, emulator.dingtalk
    return {
        "wecom": {
            "protocol_errors": [asdict(e) for e in wecom.protocol_errors] if wecom else [],
            "dropped": [asdict(d) for d in wecom.dropped] if wecom else [],
            "undelivered": list(wecom.undelivered) if wecom else [],
        },
        "dingtalk": {
            "protocol_errors": [asdict(e) for e in dingtalk.protocol_errors] if dingtalk else [],
        },
    }


async def _bubbles(phones: Phones, keep_alive_seconds: float) -> AsyncIterator[str]:
    """Yield every new or changed bubble as a server-sent event, and comments during silence."""
    async with phones.watch() as queue:
        yield ": connected\n\n"
        while True:
            try:
                async with asyncio.timeout(keep_alive_seconds):
                    bubble = await queue.get()
            except TimeoutError:
                yield ": still here\n\n"
                continue
            data = json.dumps(asdict(bubble), ensure_ascii=False)
            yield f"id: {bubble.id}.{bubble.version}\nevent: bubble\ndata: {data}\n\n"
