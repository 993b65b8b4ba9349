"""The frames of the Stream protocol: reading what comes, writing acknowledgements.

Source: DingTalk's Stream protocol page. What a frame means to us lives in `handling`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.platform import Rejected
from bot.strict_json import object_of, read_object, text_of

FRAME_CHARACTERS_MAX = 512 * 1024
DATA_CHARACTERS_MAX = 256 * 1024
OK = 200
BAD_REQUEST = 400
NOT_FOUND = 404

Kind = Literal["SYSTEM", "EVENT", "CALLBACK"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; `raw` is the JSON text inside, read only by who needs it."""

    kind: str
    topic: str
    message_id: str
    headers: dict[str, Any] = field(repr=False)
    raw: str = field(repr=False)

    @property
    def is_business(self) -> bool:
        """Tell whether it carries something for us, beyond keeping the socket alive."""
        return self.kind != "SYSTEM"

    def data(self) -> dict[str, Any]:
        """Parse the JSON inside.

        Raises:
            Rejected: it is not a JSON object.
        """
        return read_object(self.raw, bytes_max=DATA_CHARACTERS_MAX)


def read_frame(text: str) -> Frame:
    """Read one frame.

    Raises:
        Rejected: it is none.
    """
    outer = read_object(text, bytes_max=FRAME_CHARACTERS_MAX)
    # One of the vendor's samples spells it `header`.
    headers = object_of(outer, "headers") or object_of(outer, "header")
    kind, topic = text_of(outer, "type"), text_of(headers, "topic")
    if not kind or not topic:
        raise Rejected(400, "frame")
    return Frame(kind, topic, text_of(headers, "messageId"), headers, text_of(outer, "data"))


def acknowledgement(frame: Frame, data: Mapping[str, Any], *, code: int = OK) -> str:
    """Write the answer to a frame."""
    return json.dumps(
        {
            "code": code,
            "message": "OK" if code == OK else "refused",
            "headers": {"messageId": frame.message_id, "contentType": "application/json"},
            "data": json.dumps(data, ensure_ascii=False),
        },
        ensure_ascii=False,
    )
