"""Interactive cards: creating, delivering, updating, and who sees which data.

From DingTalk docs 0783, 0782 and 0786. Pressing a card's buttons lives in `presses`.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.dingtalk.card_checks import (
    BadCardError,
    Space,
    by_key,
    param_map,
    private_maps,
    spaces,
    track_id,
)
from bot.emulator.dingtalk.chats import Chats, Screen, phone_of
from bot.emulator.dingtalk.errors import ApiError
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.server import ApiCall
from bot.emulator.dingtalk.world import DingtalkWorld

_SETTLE = 0.2


@dataclass
class Card:
    """One card instance: what everybody sees, what one person sees, and where it is."""

    track: str
    template: str
    callback: str | None
    """STREAM, HTTP or None: no callback."""
    route_key: str
    public: dict[str, str]
    private: dict[str, dict[str, str]]
    forwardable: bool
    spaces: list[Space] = field(default_factory=list)
    only_for: dict[str, dict[str, str]] = field(default_factory=dict)
    """Public data as answered to a click, shown to the clicker alone until the next update."""
    pressing: int = 0
    """Callbacks under way."""
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no callback is under way."""

    def __post_init__(self) -> None:
        self.quiet.set()

    @contextlib.contextmanager
    def pressed(self) -> Iterator[None]:
        """Count a callback as under way."""
        self.pressing += 1
        self.quiet.clear()
        try:
            yield
        finally:
            self.pressing -= 1
            if not self.pressing:
                self.quiet.set()

    def body(self, staff_id: str) -> dict[str, Any]:
        """Show the card as this person sees it."""
        return {
            "template": self.template,
            "data": dict(self.only_for.get(staff_id, self.public)),
            "private": dict(self.private.get(staff_id, {})),
        }


@dataclass(frozen=True)
class Route:
    """A registered address for card callbacks over HTTP."""

    url: str
    """Empty: `/card` below the app's usual address."""
    api_secret: str


class Cards:
    """All cards and callback routes of the app."""

    def __init__(
        self,
        world: DingtalkWorld,
        journal: Journal,
        chats: Chats,
        screen: Screen,
    ) -> None:
        self._world = world
        self._journal = journal
        self._chats = chats
        self._screen = screen
        self._cards: dict[str, Card] = {}
        self.routes = {world.callback_route_key: Route("", world.api_secret)}

    def get(self, track: str) -> Card | None:
        """Find a card by outTrackId."""
        return self._cards.get(track)

    async def create_and_deliver(self, call: ApiCall) -> dict[str, Any]:
        """Create a card and put it where openSpaceId says; failures hide in deliverResults."""
        try:
            card = self._read(call)
        except BadCardError as error:
            raise self._refuse(call, error) from error
        if card.track in self._cards:
            self._journal.wrong(call.name, "outTrackId is used again; the new data is ignored")
            raise ApiError("param.cardAlreadyExist", "卡片已存在")
        self._cards[card.track] = card
        dropped = self._screen.dropped(call.place)
        results = [
            self._deliver(card, space, call, dropped=dropped)
            for space in spaces(call.params, self._world.robot_code)
        ]
        return {
            "success": True,
            "result": {"outTrackId": card.track, "deliverResults": results},
        }

    async def update(self, call: ApiCall) -> dict[str, Any]:
        """Change a card's data; without updateCardDataByKey everything not named is wiped."""
        try:
            card = self._cards.get(track_id(call.params))
            public = param_map(call.params.get("cardData"), "cardData")
            private = private_maps(call.params.get("privateData"), "privateData")
            merge = by_key(call.params, "updateCardDataByKey")
            merge_private = by_key(call.params, "updatePrivateDataByKey")
        except BadCardError as error:
            raise self._refuse(call, error) from error
        if card is None:
            raise self._refuse(call, BadCardError("param.cardNotExist", "no such outTrackId"))
        await self._settle(call, card)
        if call.params.get("cardData") is not None:
            card.public = {**card.public, **public} if merge else public
            card.only_for.clear()
        for user, data in private.items():
            card.private[user] = {**card.private.get(user, {}), **data} if merge_private else data
        if not self._screen.dropped(call.place):
            self.refresh(card)
        return {"success": True, "result": True}

    async def register(self, call: ApiCall) -> dict[str, Any]:
        """Register an address for card callbacks; an existing key needs forceUpdate."""
        key, url = call.params.get("callbackRouteKey"), call.params.get("callbackUrl")
        if not isinstance(key, str) or not key or not isinstance(url, str) or "://" not in url:
            problem = "callbackRouteKey and callbackUrl are required"
            raise self._refuse(call, BadCardError("param.error", problem))
        route = Route(url, str(call.params.get("apiSecret") or ""))
        if self.routes.get(key, route) != route and call.params.get("forceUpdate") is not True:
            problem = "callbackRouteKey is registered with another address"
            raise self._refuse(call, BadCardError("param.error", problem))
        self.routes[key] = route
        return {"success": True, "result": {"callbackUrl": url, "apiSecret": route.api_secret}}

    def refresh(self, card: Card, staff_id: str | None = None) -> None:
        """Redraw a card on every phone that has it, or on one person's."""
        for bubble in list(self._screen.phones.with_key(card.track)):
            person = bubble.phone.partition(":")[2]
            if bubble.phone == phone_of(person) and staff_id in {None, person}:
                self._screen.phones.change(bubble.phone, card.track, card.body(person))

    def _read(self, call: ApiCall) -> Card:
        params = call.params
        track = track_id(params)
        template = params.get("cardTemplateId")
        if template not in self._world.card_template_ids:
            raise BadCardError("param.templateNotExist", f"unknown template {template!r}")
        if not isinstance(params.get("cardData"), dict):
            raise BadCardError("param.error", "cardData is required")
        callback = params.get("callbackType")
        if callback not in {None, "STREAM", "HTTP"}:
            raise BadCardError("param.error", f"callbackType is {callback!r}")
        route_key = str(params.get("callbackRouteKey") or "")
        if callback == "HTTP" and route_key not in self.routes:
            raise BadCardError("param.error", f"callbackRouteKey {route_key!r} is not registered")
        private = private_maps(params.get("privateData"), "privateData")
        unknown = sorted(set(private) - set(self._world.members))
        if unknown:
            raise BadCardError("param.userIdNotExist", f"privateData names {unknown}")
        spaces(params, self._world.robot_code)
        model = params.get("imRobotOpenSpaceModel") or params.get("imGroupOpenSpaceModel") or {}
        return Card(
            track=track,
            template=str(template),
            callback=callback,
            route_key=route_key,
            public=param_map(params["cardData"], "cardData"),
            private=private,
            forwardable=model.get("supportForward") is True,
        )

    def _deliver(self, card: Card, space: Space, call: ApiCall, *, dropped: bool) -> dict[str, Any]:
        result = {"spaceType": space.type, "spaceId": space.id}
        people: tuple[str, ...] = ()
        if space.type == "IM_ROBOT" and space.id in self._world.members:
            people = (space.id,)
        elif space.type == "IM_GROUP" and space.id in self._world.groups:
            people = self._chats.group(space.id).people
        problem = space.problem or ("" if people else "spaceId is illegal")
        if problem:
            if space.problem:
                self._journal.wrong(call.name, problem)
            return {**result, "success": False, "errorMsg": problem, "carrierId": ""}
        card.spaces.append(space)
        meta = {"group": space.id} if space.type == "IM_GROUP" else {}
        for person in () if dropped else people:
            self._screen.phones.show(
                phone_of(person), "card", card.body(person), key=card.track, meta=meta
            )
        carrier = f"{card.track}-{len(card.spaces)}"
        return {**result, "success": True, "errorMsg": "", "carrierId": carrier}

    async def _settle(self, call: ApiCall, card: Card) -> None:
        """Tell an update inside a callback from one that overtook the answer on the wire."""
        try:
            async with asyncio.timeout(_SETTLE):
                await card.quiet.wait()
        except TimeoutError:
            self._journal.wrong(call.name, "a card was updated while its callback was unanswered")

    def _refuse(self, call: ApiCall, error: BadCardError) -> ApiError:
        self._journal.wrong(call.name, error.problem)
        return ApiError(error.code, error.problem)
