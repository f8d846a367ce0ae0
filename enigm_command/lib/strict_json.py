"""JSON bodies of the app API: what two parsers could read in two ways is refused."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

LONGEST_BODY = 64 * 1024


class StrictParser(Parser):
    """UTF-8 JSON of at most 64 KiB, sent as application/json. ValueError for anything else."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise ValueError("the Content-Type is not application/json")
        return load(request.body)


def load(body: bytes) -> Any:
    """The value of a JSON text without repeated names, NaN or infinities, or too deep a nesting."""
    if len(body) > LONGEST_BODY:
        raise ValueError("longer than 64 KiB")
    try:
        return json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is repeated")
    return members


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
