"""The little XML that WeCom callbacks need: a writer with CDATA and a strict reader.

The reader keeps text exactly as written and refuses document types, so that a test sees what the
bot sent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

Value = str | int | list[tuple[str, "Value"]]
Fields = list[tuple[str, Value]]


class XmlError(ValueError):
    """The text is not the XML this protocol uses."""


@dataclass
class Node:
    """One element: either text or children."""

    name: str
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def all(self, name: str) -> Iterator["Node"]:
        """Every child of this name, in order."""
        return (child for child in self.children if child.name == name)

    def one(self, name: str) -> str:
        """Read the text of the only child of this name.

        Raises:
            XmlError: there is none, or more than one.
        """
        found = list(self.all(name))
        if len(found) != 1:
            msg = f"{len(found)} elements <{name}> in <{self.name}>, expected one"
            raise XmlError(msg)
        return found[0].text


def write(name: str, fields: Iterable[tuple[str, Value]]) -> str:
    """Write an element: numbers bare, strings as CDATA, lists as nested elements."""
    return f"<{name}>{''.join(_element(key, value) for key, value in fields)}</{name}>"


def _element(name: str, value: Value) -> str:
    if isinstance(value, list):
        return write(name, value)
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    safe = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>"


def read(text: str | bytes) -> Node:
    """Parse a document into its root element.

    Raises:
        XmlError: not well formed, has a document type, or mixes text with elements.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        msg = f"not well formed: {error}"
        raise XmlError(msg) from error
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root = Node("")
        self._open: list[Node] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if attributes:
            msg = f"attributes on <{name}>"
            raise XmlError(msg)
        node = Node(name)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        if not node.children:
            return
        if node.text.strip():
            msg = f"text between the elements of <{node.name}>"
            raise XmlError(msg)
        node.text = ""

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _doctype(self, *_: object) -> None:
        msg = "document type not allowed"
        raise XmlError(msg)
