"""The app API as a whole: what its document and its OpenAPI document say of it is so."""

import re
from typing import Any

import pytest
from django.db import connection

from content import tasks
from enigm_command.api import api
from enigm_command.lib import openapi, problems
from membership.actions import approve_join_request
from membership.models import JoinRequest
from servers.edge import authority_of
from tests import examples
from tests.examples import DOCUMENT, Example, Reader
from tests.factories import AdministratorFactory, ServerFactory

ERRORS = re.compile(r"^\| (\d{3}) \| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)
ROUTES = [
    (method, path, operation)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method, operation in operations.items()
]
NAMES = [f"{method.upper()} {path}" for method, path, _ in ROUTES]


def everyone_is_approved(by: Any) -> None:
    for join_request in JoinRequest.objects.waiting():
        approve_join_request(join_request, by=by)


def the_sweeps_run() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")  # else it counts what changed later
    tasks.expire()
    tasks.recount()


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("R12", "R16")
def test_every_example_of_the_document_gets_the_answer_that_is_written():
    server = ServerFactory(locator="EN-7KQ2-9F4M-3VXA-71RD-PW8E-R")
    ada = authority_of(AdministratorFactory(server=server), "ada")
    meanwhile = {
        "An administrator approves Uma.": lambda: everyone_is_approved(ada),
        "The sweeps run.": the_sweeps_run,
    }
    reader = Reader()
    for piece in examples.read():
        if isinstance(piece, Example):
            reader.compare(piece.answer, reader.send(piece))
        else:
            meanwhile[piece]()


@pytest.mark.parametrize(("method", "path", "operation"), ROUTES, ids=NAMES)
def test_every_route_has_its_heading_and_an_example(method, path, operation):
    parts = [r"[^/ ]+" if part.startswith("{") else part for part in path.split("/")]
    asked = [piece for piece in examples.read() if isinstance(piece, Example)]
    pattern = f"{method.upper()} {'/'.join(parts)}(\\?.*)?"
    assert any(re.fullmatch(pattern, each.request.start) for each in asked)
    heading = "/".join(parts[3:]).replace(r"[^/ ]+", r"\{[a-z ]+\}")
    assert re.search(rf"^### `{method.upper()} /{heading}[`?]", DOCUMENT, re.MULTILINE)


# --- errors ---------------------------------------------------------------------------------------
def told(operation: dict[str, Any]) -> set[tuple[int, str]]:
    """The errors that the OpenAPI document names for one route."""
    responses = {int(status): said for status, said in operation["responses"].items()}
    return {
        (status, code)
        for status, response in responses.items()
        if status >= 400
        for code in response["content"][problems.CONTENT_TYPE]["schema"]["properties"]["code"][
            "enum"
        ]
    }


@pytest.mark.parametrize(("method", "path", "operation"), ROUTES, ids=NAMES)
def test_every_route_names_the_errors_of_all_routes(method, path, operation):
    everywhere = {(status, code) for status, codes in openapi.EVERYWHERE.items() for code in codes}
    assert everywhere <= told(operation)


def test_the_document_explains_every_error_that_a_route_names():
    explained = {
        (int(status), code)
        for status, codes in ERRORS.findall(DOCUMENT)
        for code in re.findall(r"\w+", codes)
    }
    named = {error for _, _, operation in ROUTES for error in told(operation)}
    assert named | {(404, "not_found"), (405, "method_not_allowed")} == explained


def test_the_openapi_document_is_served_to_everyone(client):
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
