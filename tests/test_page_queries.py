"""What a page costs does not grow with the server: eight questions to the database at most."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.authority import Authority
from content.models import DeletionOrder
from servers.models import Server
from tests import large_server
from tests.addresses import ROUTES, address
from tests.factories import DeletionOrderFactory
from tests.operators import browser_of, list_of, operator
from tests.test_access import FORMS, OPERATORS, PAGES, SELLING, Unread, develop
from tests.test_operators_site import LISTS

__all__ = ["address"]  # a fixture: where each page is, about things that are there

pytestmark = pytest.mark.django_db

MOST = 8
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")


def asked_by(browser: Any, url: str) -> list[str]:
    """What a page asks the database."""
    with CaptureQueriesContext(connection) as asked:
        browser.get(url)
    return [each["sql"] for each in asked if not each["sql"].startswith(OF_TRANSACTIONS)]


def test_every_page_is_in_the_table():
    """`PAGES` is what each route answers to whom; here, each is opened by its owner."""
    posted_or_spoken = {name for name in ROUTES if name in FORMS or name.startswith("app-api:")}
    assert set(ROUTES) - OPERATORS - posted_or_spoken <= set(PAGES)


def test_no_page_of_a_large_server_asks_more_than_eight_questions(
    address: Callable[[str], str], server: Server, oren: Authority, settings: Any
):
    large_server.fill(server, oren)
    browser, wrong = Unread().sign_in(oren.warrant.account), []
    for route in PAGES:
        develop(settings, route in SELLING)
        url = address(route)
        asked = asked_by(browser, url)
        if len(asked) > MOST:  # keys are read anew after a minute, whatever page comes first
            asked = asked_by(browser, url)
        if len(asked) > MOST:
            wrong.append("\n  ".join([f"{route}: {len(asked)}", *asked]))

    assert not wrong, "\n".join(wrong)


def test_no_page_of_the_operators_does_but_the_platforms_log(server: Server):
    """There two are about the look, which is noted, and one is about who else signed the log."""
    DeletionOrderFactory.create_batch(large_server.FEW, server=server)
    browser, most = browser_of(operator()), {reverse("ops:log"): MOST + 1}
    order = DeletionOrder.objects.of(server.pk).first()
    rows = [f"{list_of(Server)}{server.pk}/", f"{list_of(DeletionOrder)}{order.pk}/"]
    over = {}
    for url in [*(reverse(f"ops:{name}") for name in ("index", "log", "bounds")), *LISTS, *rows]:
        asked_by(browser, url)  # the first look of an hour is an entry
        if (asked := len(asked_by(browser, url))) > most.get(url, MOST):
            over[url] = asked

    assert over == {}
