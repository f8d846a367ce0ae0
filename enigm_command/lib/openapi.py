"""What the OpenAPI document says of errors: by which codes each route may refuse.

The framework documents what a route answers when all is well. The rest is written beside the route:
`openapi_extra={"responses": refusals(…)}` with the codes of what it passes through.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from . import problems

Codes = Mapping[int, Sequence[str]]  # for each status, the codes of problems it comes with

EVERYWHERE: Codes = {
    400: ["bad_request", "unknown_host"],
    401: ["invalid_proof", "invalid_token", "unauthorized"],
    403: ["https_needed"],
    500: ["internal_server_error"],
    503: ["keys_unavailable", "unavailable"],
}
JSON_BODY: Codes = {
    400: ["unreadable_body"],
    413: ["too_large"],
    415: ["not_json"],
    422: ["invalid_request"],
}


def refusals(*tables: Codes) -> dict[int, Any]:
    """Every error a route may answer with: those of all routes, and those of these tables."""
    found: dict[int, set[str]] = {}
    for table in (EVERYWHERE, *tables):
        for status, codes in table.items():
            found.setdefault(status, set()).update(codes)
    return {status: _response(status, sorted(codes)) for status, codes in sorted(found.items())}


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    text = {"type": "string"}
    schema = {
        "type": "object",
        "properties": {
            "type": {"const": "about:blank"},
            "title": text,
            "status": {"const": status},
            "detail": text,
            "code": {"enum": codes},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}.",
        "content": {problems.CONTENT_TYPE: {"schema": schema}},
    }
