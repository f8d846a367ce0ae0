"""The examples of docs/app-api.md: what is sent, what is answered, and how one is like the other.

An example is two fenced blocks after each other: a request, then its answer. Between examples a
comment may say what happens in the panel meanwhile.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpResponse

from enigm_command.lib import clock
from tests.app import App
from tests.objects import sealed

DOCUMENT = (Path(__file__).parent.parent / "docs" / "app-api.md").read_text()
PIECE = re.compile(r"^```http\n(?P<block>.*?)^```$|^<!-- (?P<event>.+?) -->$", re.DOTALL | re.M)
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
FORMS = {  # of strings that are others each time
    "time": TIME,
    "object id": r"[a-z2-7]{29}",
    "handle": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "digest": r"[0-9a-f]{64}",
    "cursor": r"[A-Za-z0-9_-]{32}",
    "padding": r"0{16,}",
}
BODIES: dict[str, Callable[[bytes], bool]] = {
    "<an age file>": lambda body: body.startswith(b"age-encryption.org/v1\n"),
    "<a signed note>": lambda body: "\n— ".encode() in body,
}


@dataclass(frozen=True, slots=True)
class Message:
    """One block: its first line, its headers, and the rest."""

    start: str
    headers: dict[str, str]
    body: str

    @classmethod
    def parse(cls, block: str) -> "Message":
        """The message of one block."""
        top, _, body = block.partition("\n\n")
        start, *lines = top.strip().splitlines()
        return cls(start, dict(line.split(": ", 1) for line in lines), body.strip())


@dataclass(frozen=True, slots=True)
class Example:
    """A request and its answer."""

    request: Message
    answer: Message

    @property
    def method(self) -> str:
        return self.request.start.split(" ")[0]

    @property
    def path(self) -> str:
        return self.request.start.split(" ")[1]

    @property
    def bearer(self) -> str:
        """Who asks, as the document names them."""
        return self.request.headers["Authorization"].removeprefix("Bearer <").removesuffix(">")


def read() -> Iterator[Example | str]:
    """The examples of the document, and what happens between them, in order."""
    request: Message | None = None
    for piece in PIECE.finditer(DOCUMENT):
        if piece["event"]:
            yield piece["event"]
        elif request is None:
            request = Message.parse(piece["block"])
        else:
            yield Example(request, Message.parse(piece["block"]))
            request = None
    assert request is None, "the last request has no answer"


class Reader:
    """Someone who follows the document: what one answer gave out, later requests use."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def send(self, example: Example) -> HttpResponse:
        """Send the request as it is written, now."""
        headers = dict(example.request.headers)
        del headers["Authorization"]
        if "Enigm-Authored-At" in headers:
            headers["Enigm-Authored-At"] = clock.now().isoformat()
        return App(example.bearer.lower()).generic(
            example.method,
            self._now(example.path),
            sealed() if example.request.body in BODIES else self._now(example.request.body),
            content_type=headers.pop("Content-Type", ""),
            headers=headers,
        )

    def compare(self, written: Message, answer: HttpResponse) -> None:
        """The answer is the one that is written, but for what is another one each time."""
        assert answer.status_code == int(written.start), answer.content
        if said := written.headers.get("Content-Type"):
            assert answer.headers["Content-Type"] == said
        body = b"".join(answer) if answer.streaming else answer.content
        if written.body in BODIES:
            assert BODIES[written.body](body)
        elif written.body:
            self._same(json.loads(written.body), json.loads(body))
        else:
            assert body == b""

    def _same(self, written: Any, told: Any) -> None:
        assert type(written) is type(told)
        if isinstance(written, dict):
            assert list(written) == list(told)
            for name, value in written.items():
                self._same(value, told[name])
        elif isinstance(written, list):
            assert len(written) == len(told)
            for one, other in zip(written, told, strict=True):
                self._same(one, other)
        elif written != told and not isinstance(written, int):
            assert _form(written) == _form(told) is not None, (written, told)
            self.given[written] = told

    def _now(self, text: str) -> str:
        """The text with what was given out in place of what is written."""
        for written, told in self.given.items():
            text = text.replace(written, told)
        return text


def _form(text: str) -> str | None:
    return next((name for name, form in FORMS.items() if re.fullmatch(form, text)), None)
