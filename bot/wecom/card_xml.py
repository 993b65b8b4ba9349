"""JSON of a template card as the XML of a passive reply. Source: WeCom doc 90241.

Names become CamelCase, a list becomes repeated siblings, texts stand in CDATA that cannot be left.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_WIRE_NAMES = {
    "appid": "AppId",
    "checkbox": "CheckBox",
    "keyname": "KeyName",
    "pagepath": "PagePath",
    "userid": "UserId",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters no XML 1.0 document may contain, in whatever form."""


def inside_cdata(text: str) -> str:
    """Make a text stay inside its CDATA section, and drop what XML can't hold."""
    return NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")


def wire_name(name: str) -> str:
    """Give the XML name of a JSON field: icon_url -> IconUrl.

    Raises:
        ValueError: not a field name.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("not a field name")
    return _WIRE_NAMES.get(name) or "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def element(name: str, value: Any) -> str:
    """Write one JSON value as XML; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(element(name, item) for item in value)
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(element(wire_name(key), part) for key, part in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return f"<![CDATA[{inside_cdata(value)}]]>"
    raise TypeError("a card holds only JSON values")
