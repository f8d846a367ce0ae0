"""JSON bodies: what two parsers could read in two ways is refused, and the reason is told."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from .problems import Problem

LONGEST_BODY = 64 * 1024
TYPES = ("application/json", "application/json; charset=utf-8")


class StrictParser(Parser):
    """Bodies of the app API. No page of another site can send this type without asking first."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The value of the body, or a Problem."""
        if request.headers.get("Content-Type") not in TYPES:
            raise Problem(415, "not_json", "The Content-Type must be application/json.")
        return load(request.body)


def load(body: bytes) -> Any:
    """The value of a JSON text of at most 64 KiB in UTF-8, or a Problem that says what is wrong.

    Refused are repeated names, NaN and infinities, and nesting that is too deep.
    """
    if len(body) > LONGEST_BODY:
        raise Problem(413, "too_large", "A body of JSON has at most 64 KiB.")
    try:
        return json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        detail = f"The body cannot be read: {_reason(error)}."
        raise Problem(400, "unreadable_body", detail) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is repeated in it")
    return members


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _reason(error: Exception) -> str:
    """What is wrong, without a word of what was sent."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON from character {error.pos} on"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
