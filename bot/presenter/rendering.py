"""Renders views: the plain text always, the platform's card where the view has one.

Two environments read the same folder. In the text one an expression gives its text; in the JSON
one it gives its JSON encoding, so that a value can't break out of its place. All data are cleaned
before a template sees them.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import structlog
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    Undefined,
    pass_context,
)
from jinja2.runtime import Context
from typing_extensions import override

from bot.platform import Rendered
from bot.presenter.cleaning import Reveal, clean_data
from bot.presenter.filters import FILTERS, clip, clip_bytes

TEXT_BYTES_MAX: Final = 2048
"""WeCom app and 微信客服 texts. Source: WeCom docs 90236, 94677."""

_LINK_FIELDS: Final = {"invite_created": frozenset({"link"})}
"""Web addresses a platform gave us: shown as they are."""
_REVEALED: Final = frozenset({"voucher_codes"})
"""Views in which codes are opened; in no other one can they be seen."""
_FAULTS: Final = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a wrong template or data that don't fit it can raise."""

_log = structlog.get_logger(__name__)


class Form(StrEnum):
    """What a message is rendered for."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    KF = "kf"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class CardFault:
    """A card that could not be rendered; its plain text went out instead."""

    view: str
    form: Form
    error: Exception


@dataclass(eq=False)
class TextFault(Exception):
    """A view's plain text could not be rendered: keep the message and repair the template."""

    view: str

    @override
    def __str__(self) -> str:
        """Name the view."""
        return self.view


def keep_concealed(place: str, concealed: str) -> str:
    """Open nothing: who renders has no key.

    Raises:
        LookupError: always.
    """
    del concealed
    raise LookupError(place)


def log_fault(fault: CardFault) -> None:
    """Log a broken card template, without any content."""
    _log.error(
        "card_template_failed",
        view=fault.view,
        form=fault.form.value,
        error=type(fault.error).__name__,
    )


class Presenter:
    """Renders views with the templates of one folder; templates are compiled once."""

    def __init__(
        self,
        templates_dir: Path,
        *,
        public_url: str,
        report: Callable[[CardFault], None] = log_fault,
        reveal: Reveal = keep_concealed,
    ) -> None:
        """Read the word tables and prepare both environments; `report` learns of broken cards.

        `reveal` opens the codes that views carry as they are kept; it raises a LookupError for
        what it can't open.
        """
        self._report = report
        self._reveal = reveal
        loader = FileSystemLoader(templates_dir)
        self._names = frozenset(loader.list_templates())
        self._text = _environment(loader, _as_text)
        self._json = _environment(loader, _as_json)
        given = {
            **_read_words(templates_dir / "parts"),
            "public_url": public_url,
            "wording": self._wording,
            "notice": self._notice,
            "glimpse": self._glimpse,
        }
        self._text.globals.update(given)
        self._json.globals.update(given)

    def render(self, view_name: str, data: Mapping[str, Any], form: Form) -> Rendered:
        """Render a view's data, as JSON values, for one form.

        A card that fails is left out and reported; the text has the same facts.

        Raises:
            TextFault: there is no such view, or its text template fails on these data.
        """
        links = _LINK_FIELDS.get(view_name, frozenset())
        reveal = self._reveal if view_name in _REVEALED else None
        try:
            shown = clean_data(data, links, reveal)
            text = self._render_text(f"cards/{view_name}/plain.txt.j2", shown)
        except _FAULTS as error:
            raise TextFault(view_name) from error
        text = clip_bytes(text, TEXT_BYTES_MAX)
        card = self._card(view_name, {**shown, "plain": text}, form)
        return Rendered(view=view_name, text=text, card=card)

    def word(self, template: str, data: Mapping[str, Any]) -> str:
        """Render one text template on its own, cleaned like everything people read.

        Raises:
            jinja2.TemplateError: there is no such template, or it fails on these data.
        """
        return self._render_text(template, clean_data(data))

    def _card(self, view_name: str, shown: Mapping[str, Any], form: Form) -> dict[str, Any] | None:
        name = f"cards/{view_name}/{form}.json.j2"
        if name not in self._names:
            return None
        try:
            card = json.loads(self._json.get_template(name).render(shown))
            if not isinstance(card, dict):
                raise TypeError(name)
        except _FAULTS as error:
            self._report(CardFault(view_name, form, error))
            return None
        return {key: _without_gaps(value) for key, value in card.items()}

    def _render_text(self, name: str, shown: Mapping[str, Any]) -> str:
        return _tidy(self._text.get_template(name).render(shown))

    @pass_context
    def _wording(self, context: Context, name: str, most: int | None = None, **more: object) -> str:
        """Render a text template with what the card template knows, and more.

        Cut to `most` characters it is not worded further than that: a rule may say a page.
        """
        template = self._text.get_template(name)
        # What the card template knows has the globals in it already.
        shown = template.new_context({**context.get_all(), **more}, shared=True)
        pieces = template.root_render_func(shown)
        return _tidy("".join(pieces)) if most is None else clip(_begin(pieces, most), most)

    def _notice(self, view_name: str, data: Mapping[str, Any]) -> str:
        """Word another view as text to tell or copy: its body when it has one apart."""
        body = f"cards/{view_name}/body.txt.j2"
        name = body if body in self._names else f"cards/{view_name}/plain.txt.j2"
        if name not in self._names:
            raise TemplateNotFound(name)
        return self._render_text(name, data)

    def _glimpse(self, view_name: str, data: Mapping[str, Any], most: int) -> str:
        """Word how another view begins; nothing, and a report, when that can't be worded any more.

        What is only quoted may have been written by another version.
        """
        try:
            template = self._text.get_template(f"cards/{view_name}/plain.txt.j2")
            pieces = template.root_render_func(template.new_context(dict(data)))
            return clip(_first_line(pieces, most), most)
        except _FAULTS as error:
            self._report(CardFault(view_name, Form.PLAIN, error))
            return ""


class _Environment(Environment):
    @override
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        # Jinja chains the two, and every rendering copies the chain name by name.
        return {**self.globals, **(d or {})}

    @override
    def getattr(self, obj: Any, attribute: str) -> Any:
        # Jinja tries the attribute first, and data are dicts: every field would raise and catch.
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment(loader: FileSystemLoader, finalize: Callable[[Any], object]) -> Environment:
    # Neither environment makes HTML: text is cleaned, JSON is encoded by `finalize`.
    environment = _Environment(
        loader=loader,
        autoescape=False,
        undefined=StrictUndefined,
        finalize=finalize,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters.update(FILTERS)
    return environment


def _as_json(value: object) -> str:
    if isinstance(value, Undefined):
        # Touching it raises the error that names the variable; json would only say "TypeError".
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _as_text(value: object) -> object:
    if value is None:
        raise TypeError("nothing to show")
    return value


def _read_words(folder: Path) -> dict[str, Any]:
    return {
        name: tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("words", "command_words")
    }


def _begin(pieces: Iterable[str], most: int) -> str:
    """Tidy as many pieces as have more than so many characters, or all."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > most and len(_tidy(text)) > most:
            break
    return _tidy(text)


def _first_line(pieces: Iterable[str], most: int) -> str:
    """Join as many pieces as make the first line, or more than so many characters of it."""
    text = ""
    for piece in pieces:
        text = (text + piece).lstrip()
        if "\n" in text or len(text.rstrip()) > most:
            break
    return text.partition("\n")[0].rstrip()


def _tidy(text: str) -> str:
    """Drop indentation and empty lines: they come from template tags, chats need neither."""
    if "\n" not in text:
        return text.strip()
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _without_gaps(value: Any) -> Any:
    """Leave out what a template put as null into a list: a row that has nothing to show."""
    if isinstance(value, list):
        return [_without_gaps(item) for item in value if item is not None]
    if isinstance(value, dict):
        return {key: _without_gaps(item) for key, item in value.items()}
    return value
