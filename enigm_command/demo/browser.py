"""A browser small enough to read: it sees pages as a person without JavaScript does."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin
from xml.etree.ElementTree import Element, SubElement

from .wire import Answer, Line

FORM = "application/x-www-form-urlencoded"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNSEEN = {"script", "style", "head"}
TICKED = {"radio", "checkbox"}
NOT_SENT = {"submit", "button", "reset", "image", "file"}


class Reader(HTMLParser):
    """Turns a page's text into a tree of elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("document")
        self._open = [self.root]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; those that hold nothing close at once."""
        element = SubElement(self._open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed as it opens, as drawings have them."""
        SubElement(self._open[-1], tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and what was left open within it."""
        if tag in [element.tag for element in self._open]:
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Text belongs to the element, or follows the last one within it."""
        parent = self._open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data


class Page:
    """What one answer shows."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.root = Reader(answer.text).root
        self.words = _words(self.root)

    @property
    def path(self) -> str:
        """Where on the site this page is."""
        return self.answer.path

    def find(self, pattern: str) -> str:
        """What the pattern, or its group, matches in the words of the page."""
        if found := re.search(pattern, self.words):
            return found[found.lastindex or 0]
        raise self.answer.surprise(f"the page does not say {pattern!r}")

    def when(self, words: str) -> "Page | None":
        """This page, if it says so."""
        return self if words in self.words else None

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        for link in self.root.iter("a"):
            if words in _words(link):
                return link.get("href", "")
        raise self.answer.surprise(f"there is no link {words!r}")

    def button(self, words: str) -> tuple[Element, Element]:
        """The first button with these words, and the form that it sends."""
        for form in self.root.iter("form"):
            for button in self._parts(form, "button"):
                if words in _words(button):
                    return button, form
        raise self.answer.surprise(f"there is no button {words!r}")

    def filled(self, form: Element, typed: dict[str, Any]) -> list[tuple[str, str]]:
        """What the form sends once a person has typed and ticked this."""
        fields = [f for f in self._parts(form, "input", "select", "textarea") if f.get("name")]
        unknown = set(typed) - {field.get("name") for field in fields}
        if unknown:
            raise self.answer.surprise(f"the form has no field {', '.join(sorted(unknown))}")
        return [pair for field in fields for pair in _sent(field, typed)]

    def _parts(self, form: Element, *tags: str) -> Iterator[Element]:
        """What belongs to a form: by standing in it, or by naming it."""
        inside = set(form.iter())
        for element in self.root.iter():
            owner = element.get("form")
            mine = element in inside if owner is None else owner == form.get("id")
            if element.tag in tags and mine:
                yield element


class Browser:
    """One person's browser. `page` is what it shows."""

    page: Page

    def __init__(self, site: str) -> None:
        self.line = Line(site)

    def open(self, url: str) -> Page:
        """Go to a page that is there."""
        return self._show(self.line.send("GET", url, headers={"Accept": "text/html"}))

    def follow(self, words: str) -> Page:
        """Go where the link with these words leads."""
        return self.open(urljoin(self.page.answer.url, self.page.link(words)))

    def press(self, words: str, /, **typed: Any) -> Page:
        """Fill in the form that has this button, and press it."""
        button, form = self.page.button(words)
        pairs = self.page.filled(form, typed)
        if name := button.get("name"):
            pairs.append((name, button.get("value", "")))
        to = button.get("formaction") or form.get("action") or ""
        return self._send(form.get("method", "get"), urljoin(self.page.answer.url, to), pairs)

    def read(self, url: str) -> Answer:
        """Fetch what is no page, without leaving the present one."""
        return self.line.send("GET", url).expect(200)

    def _send(self, method: str, url: str, pairs: list[tuple[str, str]]) -> Page:
        sent = urlencode(pairs)
        if method.lower() == "get":
            return self.open(f"{url}?{sent}")
        headers = {"Content-Type": FORM, "Accept": "text/html"}
        return self._show(self.line.send("POST", url, body=sent.encode(), headers=headers))

    def _show(self, answer: Answer) -> Page:
        self.page = Page(answer.expect(200))
        return self.page


def _words(element: Element) -> str:
    return " ".join(" ".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    if element.tag not in UNSEEN:
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""


def _sent(field: Element, typed: dict[str, Any]) -> list[tuple[str, str]]:
    name, kind = field.get("name", ""), field.get("type", "text")
    if kind in NOT_SENT or "disabled" in field.attrib:
        return []
    if kind in TICKED:
        value = field.get("value", "on")
        wanted = typed.get(name, "checked" in field.attrib)
        return [(name, value)] if wanted is True or wanted == value else []
    if field.tag == "select":
        return [(name, _chosen(field, typed.get(name)))]
    is_area = field.tag == "textarea"
    held = (field.text or "").removeprefix("\n") if is_area else field.get("value", "")
    return [(name, str(typed.get(name, held)))]


def _chosen(select: Element, words: str | None) -> str:
    """The option that shows these words; else the one that is chosen on the page."""
    options = list(select.iter("option"))
    wanted = [option for option in options if words and words in _words(option)]
    before = [option for option in options if "selected" in option.attrib]
    return [*wanted, *before, *options][0].get("value", "")
