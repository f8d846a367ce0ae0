"""One person's line to the site: requests, answers, cookies. Nothing here knows of pages."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from html import unescape
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

Found = TypeVar("Found")
PATIENCE = 30  # seconds for one answer, or for what a worker does
EXCERPT = 300


class Surprise(Exception):
    """The story did not go on as it should; the message says where and what was seen instead."""


def expect(what: str, seen: object, wanted: object) -> None:
    """Surprise unless what was seen is what was wanted."""
    if seen != wanted:
        raise Surprise(f"{what}: {str(seen)[:EXCERPT]} instead of {str(wanted)[:EXCERPT]}")


def wait_for(what: str, question: Callable[[], Found | None]) -> Found:
    """Ask again until there is an answer: a worker is at it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := question():
            return found
        time.sleep(0.1)
    raise Surprise(f"{what}: nothing came of it in {PATIENCE} s")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, errors included."""

    asked: str
    status: int
    url: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        """Where on the site this is, after redirects."""
        return urlsplit(self.url).path

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise self.surprise("this is not JSON") from None

    @property
    def problem(self) -> str:
        """What the app API calls its refusal."""
        return f"{self.status} {self.json['code']}"

    def expect(self, status: int) -> "Answer":
        """This answer if it has that status, else a Surprise."""
        if self.status != status:
            raise self.surprise(f"expected {status}")
        return self

    def surprise(self, what: str) -> Surprise:
        """What to raise when this answer is not the expected one."""
        said = re.sub(r"(?s)<head>.*?</head>|<[^>]*>", " ", self.text)
        excerpt = " ".join(unescape(said).split())[:EXCERPT]
        return Surprise(f"{self.asked} → {self.status} {self.url}: {what}. It says: {excerpt}")


class Line:
    """Sends requests to one site. Cookies are kept, redirects followed, no proxy is asked."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor())

    def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its answer; an error status is an answer like any other."""
        whole = urljoin(self.site, url)
        request = Request(whole, body, dict(headers or {}), method=method)  # noqa: S310 - our site
        asked = f"{method} {urlsplit(whole).path}"
        try:
            with self._opener.open(request, timeout=PATIENCE) as got:
                return Answer(asked, got.status, got.url, got.headers, got.read())
        except HTTPError as error:
            with error:
                return Answer(asked, error.code, error.url, error.headers, error.read())
        except OSError as error:
            raise Surprise(f"{asked} got no answer: {error}") from error
