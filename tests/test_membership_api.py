"""Joining and access in the app API: who is heard, in what form, and what they are told."""

import pytest
from django.test import Client

from enigm_command.lib import locator
from membership.models import JoinRequest
from servers.models import Standing
from tests.app import App
from tests.browser import Browser
from tests.factories import MembershipFactory, ServerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

SECRET = "a" * 43
UNKNOWN = locator.make()
ROUTES = [
    ("post", "/api/v1/join-requests"),
    ("get", f"/api/v1/join-requests/{SECRET}"),
    ("delete", f"/api/v1/join-requests/{SECRET}"),
    ("get", "/api/v1/servers/EN-0/access"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_is_heard_without_a_token(method, path):
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_signing_in_to_the_panel_is_no_token(ada, method, path):
    """An administrator is not a user of the server, and a cookie opens nothing here."""
    browser = Browser().sign_in(ada.warrant.account)
    assert getattr(browser, method)(path).status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_an_expired_token_is_told_from_a_missing_one(method, path):
    answer = getattr(App("uma", minutes=-10, iat=0), method)(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


WRONG = {
    "a field that is not known": {"role": "administrator"},
    "a name too long": {"display_name": "u" * 61},
    "a note too long": {"note": "n" * 281},
    "a NUL": {"display_name": "U\0ma"},
    "a line break": {"note": "one\ntwo"},
    "a name written backwards": {"display_name": "\u202eamU"},
    "a hidden direction": {"note": "\u2067hidden\u2069"},
    "an invisible sign": {"display_name": "U\u200bma"},
    "half a character": {"display_name": "\ud800"},
    "a name that is a number": {"display_name": 5},
    "a short secret": {"secret": "a" * 42},
    "a secret in other letters": {"secret": "+" * 43},
    "no secret": {"secret": None},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_request_of_another_form_is_refused_and_repeated_nowhere(wrong):
    answer = App("uma").ask(ServerFactory().locator, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert not JoinRequest.objects.exists()


@pytest.mark.parametrize("body", ["[]", "null", "5", '"text"', "{}", ""])
def test_a_body_that_is_no_request_is_refused(body):
    answer = App("uma").post("/api/v1/join-requests", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def states(app: App, server_id: str) -> dict[str, tuple[str, str]]:
    answer = app.get(f"/api/v1/servers/{server_id}/access")
    assert answer.status_code == 200, answer.content
    return {each["name"]: (each["state"], each["value"]) for each in answer.json()["conditions"]}


@pytest.mark.requirement("R3")
def test_a_user_sees_every_condition_of_access_and_who_decides_it(server):
    MembershipFactory(server=server, subject="uma")
    assert states(App("uma"), server.locator) == {
        "account_state": ("decided_elsewhere", "active"),
        "device_trust": ("decided_elsewhere", "trusted"),
        "membership": ("holds", ""),
        "standing": ("holds", "active"),
        "policy": ("holds", "version 1"),
    }


@pytest.mark.requirement("R3")
def test_none_of_the_conditions_implies_another(server):
    MembershipFactory(server=server, subject="uma")
    on_a_lost_phone = App("uma", device_trust="untrusted")
    assert states(on_a_lost_phone, server.locator)["device_trust"][1] == "untrusted"
    assert states(on_a_lost_phone, server.locator)["membership"][0] == "holds"


@pytest.mark.requirement("R3", "R24")
def test_a_user_sees_that_the_server_is_suspended():
    server = MembershipFactory(
        server=ServerFactory(standing=Standing.SUSPENDED), subject="uma"
    ).server
    assert states(App("uma"), server.locator)["standing"] == ("does_not_hold", "suspended")


@pytest.mark.requirement("R11", "R15")
def test_a_stranger_is_told_the_same_of_any_server_and_of_none():
    vera = App("vera")
    suspended = ServerFactory(standing=Standing.SUSPENDED)
    told = [states(vera, each) for each in (UNKNOWN, ServerFactory().locator, suspended.locator)]
    assert told[0] == told[1] == told[2]
    assert told[0]["membership"] == told[0]["standing"] == ("does_not_hold", "")


def test_the_answer_says_that_access_is_not_access_to_keys(server):
    answer = App("vera").get(f"/api/v1/servers/{server.locator}/access").json()
    assert answer["note"] == "Access to a server's environment is not access to content keys."


def test_a_mistyped_server_id_is_told_as_such():
    answer = App("uma").get("/api/v1/servers/EN-0000-0000-0000-0000-0000-1/access")
    assert (answer.status_code, answer.json()["code"]) == (422, "mistyped_server_id")
