"""Every door of the product, and for whom it opens. A route that stands in no list fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from inspect import getsource, unwrap
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Confirmation
from audit.authority import Authority
from audit.vocabulary import Action
from enigm_command.lib import clock
from lifecycle.actions import suspend_server
from lifecycle.models import Grounds, Reason
from membership.access import STANDINGS, Purpose
from servers.actions import remove_administrator
from servers.models import PolicyVersion, Server, Standing
from tests.addresses import ROUTES, address, lone_address
from tests.app import App
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import (
    AdministratorFactory,
    AuthenticatorFactory,
    OperatorFactory,
)
from tests.objects import sealed
from tests.operators import browser_of, operator
from tests.support import actions_of

__all__ = ["address", "lone_address"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]

SIGN_IN, SECOND_FACTOR = "to the sign-in", "to the second factor"
ENTRANCES = {
    "/sign-in/": SIGN_IN,
    "/sign-in/code/": SECOND_FACTOR,
    "/second-factor/": SECOND_FACTOR,
}
OPEN, DONE, FORBIDDEN, HIDDEN = 200, 302, 403, 404

# The answers to: nobody · an administrator after the password alone · somebody without a server ·
# an administrator of another server · an administrator · the owner, who also is the buyer
EVERYONE = (OPEN,) * 6
NO_ONE = (HIDDEN,) * 6
UNREADABLE = (400,) * 6
SIGNED_IN = (SIGN_IN, SECOND_FACTOR, OPEN, OPEN, OPEN, OPEN)
SEEN_INSIDE = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, OPEN, OPEN)
DONE_INSIDE = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, DONE, DONE)
SEEN_BY_OWNER = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, FORBIDDEN, OPEN)
DONE_BY_OWNER = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, FORBIDDEN, DONE)
SEEN_BY_BUYER = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, HIDDEN, OPEN)
DONE_BY_BUYER = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, HIDDEN, DONE)
SECOND_STEP = (SIGN_IN, OPEN, OPEN, OPEN, OPEN, OPEN)
NOTHING_TO_SHOW = (SIGN_IN, DONE, DONE, DONE, DONE, DONE)
DONE_BY_ONESELF = (SIGN_IN, SECOND_FACTOR, DONE, DONE, DONE, DONE)
NOTHING_TO_ASK = (SIGN_IN, SECOND_FACTOR, DONE, DONE, DONE, DONE)  # a factor is fresh

ONES_OWN = (SIGN_IN, SECOND_FACTOR, HIDDEN, HIDDEN, HIDDEN, HIDDEN)  # this one is nobody's
NOT_JSON = 415  # who is told so may ask
ASKED_INSIDE = (SIGN_IN, SECOND_FACTOR, *[NOT_JSON] * 4)
ASKED_AFTER_PASSWORD = (SIGN_IN, *[NOT_JSON] * 5)
ASKED_BY_EVERYONE = (NOT_JSON,) * 6

PAGES = {
    "app-api:api-root": NO_ONE,
    "app-api:openapi-json": EVERYONE,
    "account": SIGNED_IN,
    "administrator-invitation": SEEN_INSIDE,
    "administrator-leaving": SEEN_INSIDE,
    "administrator-removal": SEEN_INSIDE,
    "administrators": SEEN_INSIDE,
    "authenticator": DONE_BY_ONESELF,  # back to security: none is being set up
    "billing": SIGNED_IN,
    "block": SEEN_INSIDE,
    "blocks": SEEN_INSIDE,
    "cancellation": SEEN_BY_BUYER,
    "checkout": SIGNED_IN,
    "close-account": SIGNED_IN,
    "confirm-you": NOTHING_TO_ASK,
    "content": SEEN_INSIDE,
    "creation": SEEN_BY_BUYER,
    "creation-progress": SEEN_BY_BUYER,
    "delete": SEEN_INSIDE,
    "delete-review": SEEN_INSIDE,
    "email": SIGNED_IN,
    "endings": SEEN_INSIDE,
    "email-proof": DONE_BY_ONESELF,  # back to the account: the link is nobody's
    "enterprise": SIGNED_IN,
    "former-members": SEEN_INSIDE,
    "get": EVERYONE,
    "healthz": EVERYONE,
    "home": EVERYONE,
    "invitation": EVERYONE,
    "invitation-answer": SIGNED_IN,
    "invitations": EVERYONE,
    "invite": SEEN_INSIDE,
    "invite-print": SEEN_INSIDE,
    "invoice": SEEN_BY_BUYER,
    "join": EVERYONE,
    "join-requests": SEEN_INSIDE,
    "join-requests-decided": SEEN_INSIDE,
    "kept-receipts": SEEN_INSIDE,
    "knows": EVERYONE,
    "knows-json": EVERYONE,
    "limits": EVERYONE,
    "log": SEEN_INSIDE,
    "member": SEEN_INSIDE,
    "member-removal": SEEN_INSIDE,
    "member-removals": DONE_INSIDE,  # back to the list: nobody was picked
    "members": SEEN_INSIDE,
    "new-passkey": SIGNED_IN,
    "notices": SIGNED_IN,
    "operator-actions": SEEN_INSIDE,
    "order": SEEN_INSIDE,
    "order-progress": SEEN_INSIDE,
    "orders": SEEN_INSIDE,
    "own-data": SIGNED_IN,
    "owner-invitation": SEEN_BY_OWNER,
    "ownership": SEEN_INSIDE,
    "ownership-acceptance": DONE_INSIDE,  # back to the ownership: nothing is offered
    "ownership-offer": SEEN_BY_OWNER,
    "passkey-name": ONES_OWN,
    "password": SIGNED_IN,
    "pay": SEEN_BY_BUYER,
    "plan-change": SEEN_BY_BUYER,
    "policy": SEEN_INSIDE,
    "policy-review": SEEN_INSIDE,  # with what is missing
    "privacy": EVERYONE,
    "procurement": SEEN_BY_BUYER,
    "readyz": EVERYONE,
    "report-abuse": EVERYONE,
    "retention": SEEN_INSIDE,
    "security": SIGNED_IN,
    "status": EVERYONE,
    "security-txt": EVERYONE,
    "receipt": SEEN_INSIDE,
    "log-entry": SEEN_INSIDE,
    "log-proof": SEEN_INSIDE,
    "recovery-codes": NOTHING_TO_SHOW,
    "second-factor": NOTHING_TO_SHOW,
    "server": SEEN_INSIDE,
    "retirement": SEEN_INSIDE,
    "server-deletion": SEEN_INSIDE,
    "server-deletion-agreement": DONE_INSIDE,  # back to the deletion: none is ordered
    "server-deletion-progress": ONES_OWN,  # nothing is being deleted
    "server-receipt": ONES_OWN,  # nothing was deleted
    "server-receipt-document": ONES_OWN,
    "server-knows": SEEN_INSIDE,
    "server-id-rotation": SEEN_INSIDE,
    "servers": SIGNED_IN,
    "settings": SEEN_INSIDE,
    "sign-in": EVERYONE,
    "sign-in-code": SECOND_STEP,
    "sign-in-recovery-code": EVERYONE,
    "sign-up": EVERYONE,
    "subscription": SEEN_BY_BUYER,
    "suspension": SEEN_INSIDE,
    "value-erasure": SEEN_INSIDE,
    "terms": EVERYONE,
    "what-admins-see": EVERYONE,
    "withhold": SEEN_INSIDE,
    "withhold-review": SEEN_INSIDE,  # with what is missing
    "password-reset": EVERYONE,
    "recover": EVERYONE,
    "recovery": EVERYONE,
    "recovery-begin": EVERYONE,
    "stop-paying": EVERYONE,
    "vouch": SEEN_INSIDE,
    "vouching": SEEN_INSIDE,
}
FORMS = {
    "administrator-invitation": SEEN_INSIDE,  # with what is missing
    "administrator-leaving": SEEN_INSIDE,  # with what is missing
    "administrator-removal": SEEN_INSIDE,  # with what is missing
    "approval": DONE_INSIDE,
    "approvals": DONE_INSIDE,
    "authenticator": DONE_BY_ONESELF,  # back to security: none is being set up
    "authenticator-removal": DONE_BY_ONESELF,  # back to security: it is the last factor
    "block": SEEN_INSIDE,  # with what is missing
    "block-lifting": DONE_INSIDE,
    "cancellation": DONE_BY_BUYER,
    "checkout": SIGNED_IN,  # with what is missing
    "close-account": SIGNED_IN,  # with what is missing
    "confirm-you": NOTHING_TO_ASK,
    "content-policy-reports": UNREADABLE,
    "delete-review": DONE_INSIDE,
    "email": SIGNED_IN,  # with what is missing
    "email-proof": DONE_BY_ONESELF,
    "email-removal": DONE_BY_ONESELF,
    "enterprise": SIGNED_IN,  # with what is missing
    "first-steps-hiding": DONE_INSIDE,
    "invitation-answer": SIGNED_IN,  # with what is missing
    "invitation-refusal": ONES_OWN,
    "invitation-withdrawal": DONE_INSIDE,
    "invitations": EVERYONE,  # with what is missing
    "join-requests": DONE_INSIDE,  # back to the list: nobody was looked for
    "join-requests-decided": DONE_INSIDE,
    "log-export": SEEN_INSIDE,
    "log-table": SEEN_INSIDE,
    "member-removal": SEEN_INSIDE,  # with what is missing
    "member-removals": DONE_INSIDE,
    "members": DONE_INSIDE,
    "new-authenticator": DONE_BY_ONESELF,
    "new-recovery-codes": DONE_BY_ONESELF,
    "notices-read": DONE_BY_ONESELF,
    "own-data": SIGNED_IN,
    "owner-invitation": SEEN_BY_OWNER,  # with what is missing
    "ownership-acceptance": DONE_INSIDE,
    "ownership-offer": SEEN_BY_OWNER,  # with what is missing
    "ownership-refusal": DONE_INSIDE,
    "ownership-withdrawal": DONE_BY_OWNER,
    "passkey-confirm": ASKED_INSIDE,
    "passkey-confirm-options": ASKED_INSIDE,
    "passkey-name": ONES_OWN,
    "passkey-register": ASKED_AFTER_PASSWORD,
    "passkey-register-options": ASKED_AFTER_PASSWORD,
    "passkey-removal": DONE_BY_ONESELF,  # back to security: it is gone already
    "passkey-sign-in": ASKED_BY_EVERYONE,
    "passkey-sign-in-options": ASKED_BY_EVERYONE,
    "password": SIGNED_IN,  # with what is missing
    "pay": DONE_BY_BUYER,
    "plan-change": DONE_BY_BUYER,
    "policy-review": SEEN_INSIDE,  # with what is missing
    "portal": SEEN_BY_BUYER,
    "procurement": SEEN_BY_BUYER,  # as it is: it was handed in
    "rejection": DONE_INSIDE,
    "rejections": DONE_INSIDE,
    "resumption": DONE_INSIDE,
    "retirement": DONE_BY_OWNER,
    "retirement-calling-off": DONE_INSIDE,
    "server-deletion": DONE_BY_OWNER,
    "server-deletion-agreement": DONE_INSIDE,
    "server-deletion-calling-off": DONE_INSIDE,
    "server-id-rotation": SEEN_INSIDE,  # with what is missing
    "session-end": DONE_BY_ONESELF,
    "sessions-end": DONE_BY_ONESELF,
    "settings": DONE_INSIDE,
    "sign-in": EVERYONE,  # with what is missing
    "sign-in-recovery-code": EVERYONE,  # with what is missing
    "sign-out": (SIGN_IN,) * 6,
    "sign-up": EVERYONE,  # with what is missing
    "stripe": NO_ONE,  # but for Stripe, by its signature, where its secret is set
    "suspension": DONE_INSIDE,
    "value-erasure": SEEN_INSIDE,  # with what is missing
    "withhold-review": SEEN_INSIDE,  # with what is missing
    "password-reset": EVERYONE,  # with what is missing
    "payment-code": DONE_BY_BUYER,
    "payment-code-kept": DONE_BY_BUYER,
    "recovery": EVERYONE,  # with what is missing
    "recovery-begin": EVERYONE,  # with what is missing
    "recovery-calling-off": DONE_INSIDE,
    "recovery-finish": EVERYONE,  # with what is missing
    "emptying-refusal": DONE_INSIDE,
    "emptying-withdrawal": DONE_INSIDE,
    "release": DONE_INSIDE,
    "stop-paying": EVERYONE,  # with what is missing
    "vouch": SEEN_INSIDE,  # with what is missing
    "vouching": SEEN_INSIDE,  # with what is missing
}


def asked_to_delete(by: Authority) -> Confirmation:
    """What the page asks whoever sees it."""
    delay = PolicyVersion.objects.in_force(by.server_id).deletion_delay
    act = Action.SERVER_DELETION_ORDERED
    return Confirmation.objects.offer(by.warrant.account, act, str(by.server_id), str(delay))


def asked_to_retire(by: Authority) -> Confirmation:
    """The same for retiring."""
    act = Action.SERVER_RETIRED
    return Confirmation.objects.offer(by.warrant.account, act, str(by.server_id))


TYPED: dict[str, Callable[[Authority], dict[str, str]]] = {
    "plan-change": lambda by: {"plan": "team", "seats": "30"},
    "retirement": lambda by: {
        "name": "Atelier North",
        "code": fresh_code(by.warrant.account),
        "confirmation": str(asked_to_retire(by).pk),
    },
    "server-deletion": lambda by: {
        "name": "Atelier North",
        "code": fresh_code(by.warrant.account),
        "confirmation": str(asked_to_delete(by).pk),
    },
    "settings": lambda by: {"name": "Quay"},
}
SELLING = {
    "checkout",
    "enterprise",
    "pay",
    "portal",
}  # nothing is sold outside development without a provider

UNAUTHORIZED = 401
API = {  # method, and the answers to: no token · a stranger's token · a member's token
    "ask": ("post", UNAUTHORIZED, 202, 202),
    "conditions": ("get", UNAUTHORIZED, OPEN, OPEN),
    "delete": ("delete", UNAUTHORIZED, FORBIDDEN, 204),
    "delete_mine": ("delete", UNAUTHORIZED, FORBIDDEN, OPEN),
    "fetch": ("get", UNAUTHORIZED, FORBIDDEN, OPEN),
    "leave": ("delete", UNAUTHORIZED, FORBIDDEN, 204),
    "log_checkpoint": ("get", UNAUTHORIZED, FORBIDDEN, OPEN),
    "list_objects": ("get", UNAUTHORIZED, FORBIDDEN, OPEN),
    "status": ("get", UNAUTHORIZED, OPEN, OPEN),
    "feed_applied": ("post", UNAUTHORIZED, FORBIDDEN, 204),
    "read_feed": ("get", UNAUTHORIZED, FORBIDDEN, OPEN),
    "retention_state": ("get", UNAUTHORIZED, FORBIDDEN, OPEN),
    "store": ("post", UNAUTHORIZED, FORBIDDEN, 201),
    "withdraw": ("delete", UNAUTHORIZED, 204, 204),
}

# What a session may send whose factor was proved long ago; everything else asks for one again.
WITHOUT_A_FRESH_FACTOR = {
    "it begins or ends a session, or is the asking itself": {
        "confirm-you", "passkey-confirm", "passkey-confirm-options", "passkey-sign-in",
        "passkey-sign-in-options", "session-end", "sessions-end", "sign-in",
        "sign-in-recovery-code", "sign-out", "sign-up",
    },
    "it proves by what is typed, or by a signature": {
        "email-proof", "password-reset", "recovery", "recovery-begin", "recovery-finish",
        "stop-paying", "stripe",
    },
    "it buys, which the payment provider confirms": {
        "checkout", "enterprise", "pay", "payment-code-kept", "procurement",
    },
    "it takes a danger away, or leaves things as they are": {
        "block-lifting", "content-policy-reports", "emptying-refusal", "emptying-withdrawal",
        "first-steps-hiding", "invitation-refusal", "notices-read",
        "ownership-refusal", "ownership-withdrawal", "recovery-calling-off",
        "server-deletion-calling-off",
    },
    "it asks on its way, as its own tests say": {
        "delete-review", "member-removal", "member-removals", "passkey-register",
        "passkey-register-options", "withhold-review",
    },
    "it leads on to a page that asks": {"invitations", "vouching"},
    "it is daily work, in the log, and can be undone": {
        "approval", "approvals", "block", "rejection", "rejections", "settings",
    },
    "it looks for somebody": {"join-requests", "join-requests-decided", "members"},
}  # fmt: skip


class Unread(Browser):
    """Proofreads nothing: what the owner is shown is read, and all others see as much or less."""

    request = Client.request


OPERATORS = {name for name in ROUTES if name.startswith("ops:")}  # behind one door, for all of them
OF_OPERATORS = {"app_label": "servers", "object_id": UUID(int=0), "seq": 0, "setting": "joining"}


@pytest.fixture
def visitors(
    ada: Authority, oren: Authority, mallory: Authority, settings: Any
) -> Callable[..., Any]:
    """The six visitors of the tables in their order: each with the authority they might have."""

    def come(route: str) -> Iterator[tuple[Browser, Authority]]:
        settings.DEBUG, settings.PAYMENT_PROVIDER = route in SELLING, "test"
        half, outsider = Unread(), AuthenticatorFactory().user
        half.force_login(AuthenticatorFactory(user=ada.warrant.account).user)
        yield from [(Unread(), ada), (half, ada), (Unread().sign_in(outsider), ada)]
        yield from [(Unread().sign_in(by.warrant.account), by) for by in (mallory, ada)]
        yield Browser().sign_in(oren.warrant.account), oren

    return come


def develop(settings: Any, is_on: bool) -> None:
    """Set DEBUG where it changes: every setting that was set makes all others slower to read."""
    if settings.DEBUG is not is_on:
        settings.DEBUG = is_on


@contextmanager
def undone(*browsers: Client) -> Iterator[None]:
    """What is done meanwhile leaves nothing in the database, and in these browsers no cookie."""
    before, cookies = transaction.savepoint(), [deepcopy(each.cookies) for each in browsers]
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)
        for browser, kept in zip(browsers, cookies, strict=True):
            browser.cookies = kept


def answer_of(response: Any) -> str | int:
    """The status, or which of the entrances it leads to, or is: one that keeps what was posted."""
    if b'name="unsent"' in getattr(response, "content", b""):
        return SIGN_IN
    leads_to = urlsplit(response.headers.get("Location", "")).path
    return ENTRANCES.get(leads_to, response.status_code)


def test_every_route_is_listed():
    assert set(ROUTES) - OPERATORS == {*PAGES, *FORMS, *(f"app-api:{name}" for name in API)}


def test_every_form_asks_for_a_fresh_factor_or_says_why_not():
    views = {route: ROUTES[route].callback for route in FORMS}
    marked = {route for route, view in views.items() if hasattr(view, "asks_a_factor")}
    confirms = {route for route, view in views.items() if "is_spent(" in getsource(unwrap(view))}
    excused = set().union(*WITHOUT_A_FRESH_FACTOR.values())
    assert set(FORMS) - marked - confirms == excused


def test_a_page_is_shown_to_whom_it_is_for(address, visitors, settings):
    browsers, answers = [browser for browser, _ in visitors("home")], {}
    for route in PAGES:
        develop(settings, route in SELLING)
        answers[route] = tuple(answer_of(browser.get(address(route))) for browser in browsers)

    assert answers == PAGES


def test_a_form_is_taken_from_whom_it_is_for(address, visitors, server, settings):
    people, answers = list(visitors("home")), {}
    before = actions_of(server)
    for route, typed in ((route, TYPED.get(route, lambda by: {})) for route in FORMS):
        develop(settings, route in SELLING)
        url, answers[route] = address(route), ()
        with undone(*(browser for browser, _ in people)):
            for browser, by in people:
                answers[route] += (answer_of(browser.post(url, typed(by))),)
                if len(answers[route]) == 4:
                    assert actions_of(server) == before, f"{route}: those outside leave no entry"

    assert answers == FORMS


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_operators_pages_are_there_for_none_of_them(visitors, method):
    browsers, answers = [browser for browser, _ in visitors("home")], {}
    for route in OPERATORS:
        needed = ROUTES[route].pattern.converters
        url = reverse(route, kwargs={name: OF_OPERATORS[name] for name in needed})
        answers[route] = tuple(answer_of(getattr(browser, method)(url)) for browser in browsers)

    assert answers == dict.fromkeys(OPERATORS, ONES_OWN)


@pytest.mark.parametrize("route", sorted(set(FORMS) - set(PAGES)))
def test_what_changes_something_is_not_done_by_a_link(route, lone_address, oren):
    browser = Browser().sign_in(oren.warrant.account)

    assert browser.get(lone_address(route)).status_code == 405


def asked_by(app: Client, route: str, url: str, server: Server) -> Any:
    """The answer of one route of the app API, asked in the form that it takes."""
    sent = {
        "ask": {
            "data": {"server_id": server.locator, "secret": "A" * 43},
            "content_type": "application/json",
        },
        "feed_applied": {"data": {"number": 0}, "content_type": "application/json"},
        "store": {
            "data": sealed(),
            "content_type": "application/octet-stream",
            "headers": {"Enigm-Kind": "message", "Enigm-Authored-At": clock.now().isoformat()},
        },
    }.get(route, {})
    more = {"delete_mine": "?mine", "leave": "?sent=keep"}.get(route, "")
    return getattr(app, API[route][0])(url + more, **sent)


@pytest.mark.requirement("R3", "R13")
@pytest.mark.parametrize("route", API)
def test_the_app_api_answers_whom_it_is_for(route, lone_address, server):
    url, apps = lone_address(f"app-api:{route}"), [Client(), App("a stranger"), App("uma")]

    found = [asked_by(app, route, url, server).status_code for app in apps]

    assert found == list(API[route][1:])


# What each route about a server's content wants there; `conditions` only says how they stand.
PURPOSES = {
    "delete": Purpose.LEAVE,
    "delete_mine": Purpose.LEAVE,
    "feed_applied": Purpose.FEED,
    "fetch": Purpose.READ,
    "leave": Purpose.LEAVE,
    "list_objects": Purpose.READ,
    "log_checkpoint": Purpose.FEED,
    "read_feed": Purpose.FEED,
    "retention_state": Purpose.FEED,
    "store": Purpose.STORE,
}


def test_every_route_about_a_server_is_known_to_pass_the_one_door():
    of_servers = {name for name in API if "locator" in ROUTES[f"app-api:{name}"].pattern.converters}
    assert of_servers == {*PURPOSES, "conditions"}


@pytest.mark.requirement("R1", "R3", "R13")
@pytest.mark.parametrize("route", PURPOSES)
def test_no_condition_of_access_stands_in_for_another(route, lone_address, server):
    """Each fails alone, the others hold. Nothing but the standing keeps a member from leaving."""
    url, purpose = lone_address(f"app-api:{route}"), PURPOSES[route]
    for claims, code in (
        ({"account_state": "suspended"}, "account_not_active"),
        ({"device_trust": "revoked"}, "device_not_trusted"),
    ):
        with undone():
            answer = asked_by(App("uma", **claims), route, url, server)
            refused = answer.status_code == FORBIDDEN and answer.json()["code"] == code
            assert refused == (purpose is not Purpose.LEAVE), claims
    for standing in set(Standing) - {Standing.DELETED}:
        with undone():
            Server.objects.filter(pk=server.pk).update(standing=standing)
            answer = asked_by(App("uma"), route, url, server)
            refused = answer.status_code == FORBIDDEN and answer.json()["code"]
            assert refused == (purpose not in STANDINGS[standing] and "not_in_this_standing")


@pytest.mark.parametrize("route", API)
def test_a_session_of_the_panel_opens_nothing_of_the_app_api(route, lone_address, oren):
    browser = Browser().sign_in(oren.warrant.account)

    answer = getattr(browser, API[route][0])(lone_address(f"app-api:{route}"))

    assert answer.status_code == UNAUTHORIZED


@pytest.mark.parametrize("route", [name for name in PAGES if PAGES[name][0] == SIGN_IN])
def test_an_app_token_opens_no_page_of_the_panel(route, lone_address):
    assert answer_of(App("uma").get(lone_address(route))) == SIGN_IN


# --- those who had a power, have another, or mix what is theirs with what is not -----------------
OUTSIDER, ADMINISTRATOR = 2, 4  # where they stand in the tables
ABOUT_A_SERVER = {
    route for route in {*PAGES, *FORMS} if "server_id" in ROUTES[route].pattern.converters
}


@pytest.fixture
def removed(server: Server, oren: Authority) -> Browser:
    """Somebody who administered the server this morning, in the session of this morning."""
    power = AdministratorFactory(server=server)
    browser = Unread().sign_in(power.account)
    remove_administrator(power, by=oren)
    return browser


@pytest.fixture
def operators_browser() -> Browser:
    """Somebody who runs the platform, signed in by a passkey."""
    return browser_of(operator())


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_was_removed_and_who_operates_find_what_a_stranger_finds(
    method, address, removed, operators_browser, settings, server
):
    table = PAGES if method == "get" else FORMS
    for route in sorted(ABOUT_A_SERVER & set(table)):
        url, before = address(route), actions_of(server)
        with undone(removed, operators_browser):
            found = [answer_of(getattr(one, method)(url)) for one in (removed, operators_browser)]
            assert found == [table[route][OUTSIDER]] * 2, route
            assert actions_of(server) == before, route


@pytest.mark.requirement("R26")
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_administrator_finds_every_page_while_operators_suspend_the_server(
    method, address, ada, server
):
    """They see, end and delete as ever; what the standing forbids to users is refused in words."""
    browser, table = Browser().sign_in(ada.warrant.account), PAGES if method == "get" else FORMS
    grounds = Grounds(Reason.COURT_ORDER, "case 118")
    suspend_server(server, grounds=grounds, by=OperatorFactory().authority)
    for route in sorted(ABOUT_A_SERVER & set(table)):
        typed = TYPED[route](ada) if method == "post" and route in TYPED else {}
        with undone(browser):
            found = answer_of(getattr(browser, method)(address(route), typed))
            assert found == table[route][ADMINISTRATOR], route


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_belongs_to_another_server_is_not_there_by_ones_own(method, address, mallory, server):
    """Her own server's id with somebody else's request, member, order or entry in the address."""
    browser = Unread().sign_in(mallory.warrant.account)
    table = PAGES if method == "get" else FORMS
    mixed = {r for r in ABOUT_A_SERVER & set(table) if "pk" in ROUTES[r].pattern.converters}
    for route in sorted(mixed):
        url = address(route).replace(str(server.pk), str(mallory.server_id))
        before = actions_of(server)
        with undone(browser):
            said = getattr(browser, method)(url, follow=True)
            assert said.status_code == HIDDEN or "had ended already" in said.content.decode(), route
            assert actions_of(server) == before, route


def test_a_server_of_others_and_one_that_is_not_there_are_told_alike(address, mallory, server):
    browser = Unread().sign_in(mallory.warrant.account)
    for route in sorted(ABOUT_A_SERVER & set(PAGES)):
        theirs = address(route)
        nowhere = theirs.replace(str(server.pk), str(uuid4()))
        answers = [browser.get(url) for url in (theirs, nowhere)]
        assert [answer.status_code for answer in answers] == [HIDDEN, HIDDEN], route
        assert answers[0].content == answers[1].content, route
