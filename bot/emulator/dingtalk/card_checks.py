"""Reads card requests and answers strictly: string maps with size limits, spaces, delivery models.

DingTalk docs 0783, 0778 and 0789; nothing here keeps state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KEY_BYTES = 100
_VALUE_BYTES = 1_024
_TOTAL_BYTES = 100 * 1_024
_TRACK_CHARS = 100
_PREFIX = "dtv1.card//"


class BadCardError(Exception):
    """A card request or answer the platform would refuse; `code` is the new host's error code."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem


@dataclass(frozen=True)
class Space:
    """One place a card is delivered to, and why it cannot be when `problem` is set."""

    type: str
    id: str
    problem: str = ""


def param_map(holder: object, where: str) -> dict[str, str]:
    """Read `{"cardParamMap": {...}}`; raises BadCardError."""
    if holder is None:
        return {}
    values = holder.get("cardParamMap") if isinstance(holder, Mapping) else None
    if not isinstance(values, Mapping):
        raise BadCardError("param.error", f"{where} has no cardParamMap")
    total = 0
    for key, value in values.items():
        if not isinstance(value, str):
            kind = type(value).__name__
            raise BadCardError("param.error", f"{where}.{key} is {kind}, values must be strings")
        key_size, value_size = len(str(key).encode()), len(value.encode())
        if key_size > _KEY_BYTES or value_size > _VALUE_BYTES:
            raise BadCardError("param.error", f"{where}.{key} has {key_size}/{value_size} bytes")
        total += key_size + value_size
    if total > _TOTAL_BYTES:
        raise BadCardError("param.error", f"{where} has {total} bytes in all")
    return dict(values)


def private_maps(holder: object, where: str) -> dict[str, dict[str, str]]:
    """Read `privateData`, which is keyed by user id; raises BadCardError."""
    if holder is None:
        return {}
    if not isinstance(holder, Mapping):
        raise BadCardError("param.error", f"{where} is not an object keyed by user id")
    return {str(user): param_map(data, f"{where}.{user}") for user, data in holder.items()}


def track_id(params: Mapping[str, Any]) -> str:
    """Read outTrackId; raises BadCardError."""
    track = params.get("outTrackId")
    if not isinstance(track, str) or not 1 <= len(track) <= _TRACK_CHARS:
        raise BadCardError("param.error", "outTrackId must be a string of 1 to 100 characters")
    return track


def spaces(params: Mapping[str, Any], robot_code: str) -> list[Space]:
    """Read openSpaceId and check each space's models; raises BadCardError when it names none."""
    raw = params.get("openSpaceId")
    if not isinstance(raw, str) or not raw.startswith(_PREFIX):
        raise BadCardError("param.error", f"openSpaceId must start with {_PREFIX}")
    found = []
    for part in raw.removeprefix(_PREFIX).split(";"):
        kind, _, name = part.partition(".")
        found.append(Space(kind, name, _space_problem(kind, params, robot_code)))
    return found


def answer_maps(answer: object) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """Read a card callback's answer: public data and the clicker's own; raises BadCardError."""
    if not isinstance(answer, Mapping):
        raise BadCardError("answer", "the answer is not an object")
    unknown = set(answer) - {"cardUpdateOptions", "cardData", "userPrivateData"}
    if unknown:
        raise BadCardError("answer", f"unknown names in the answer: {sorted(unknown)}")
    public = param_map(answer["cardData"], "cardData") if answer.get("cardData") else None
    if not answer.get("userPrivateData"):
        return public, None
    return public, param_map(answer["userPrivateData"], "userPrivateData")


def by_key(holder: Mapping[str, Any], name: str) -> bool:
    """Read one of the cardUpdateOptions; False (overwrite everything) is the platform's default."""
    options = holder.get("cardUpdateOptions")
    value = options.get(name, False) if isinstance(options, Mapping) else False
    if not isinstance(value, bool):
        raise BadCardError("param.error", f"{name} is not a boolean")
    return value


def _space_problem(kind: str, params: Mapping[str, Any], robot_code: str) -> str:
    match kind:
        case "IM_ROBOT":
            model, deliver = "imRobotOpenSpaceModel", params.get("imRobotOpenDeliverModel")
            fits = isinstance(deliver, Mapping) and deliver.get("spaceType") == "IM_ROBOT"
        case "IM_GROUP":
            model, deliver = "imGroupOpenSpaceModel", params.get("imGroupOpenDeliverModel")
            fits = isinstance(deliver, Mapping) and deliver.get("robotCode") == robot_code
        case _:
            return "spaceType is illegal"
    space_model = params.get(model)
    if not isinstance(space_model, Mapping) or not isinstance(
        space_model.get("supportForward"), bool
    ):
        return f"{model}.supportForward is required"
    return "" if fits else f"the deliver model does not fit {kind}"
