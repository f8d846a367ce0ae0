"""The operators' pages: who gets in, and that nothing but an act changes anything there."""

from uuid import UUID

import pytest
from django.db import connection
from django.urls import NoReverseMatch, reverse

from accounts.operators import Operator
from audit.models import AuditStream
from content.models import DeletionOrder
from enigm_command.environment import networks as read_networks
from enigm_command.lib import wording
from enigm_command.lib.vault import PLATFORM
from enigm_command.operators import TABLES, ops
from lifecycle.models import Hold, Suspension
from tests.browser import Browser
from tests.factories import (
    AccountFactory,
    DeletionOrderFactory,
    HoldFactory,
    OperatorFactory,
    PasskeyFactory,
    ServerFactory,
)
from tests.operators import browser_of, list_of, operator
from tests.support import actions_of, events_of, excused
from tests.test_headers import POLICY

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]

INDEX = "/ops/"
NOBODY = UUID(int=0)


LISTS = [list_of(model) for model in TABLES]
PAGES = [INDEX, *LISTS, *(f"{each}{NOBODY}/" for each in LISTS)]


# --- who gets in ----------------------------------------------------------------------------------
@pytest.mark.parametrize("page", PAGES)
def test_to_those_who_are_no_operators_nothing_is_there(page, ada):
    for account in (ada.warrant.account, AccountFactory()):
        PasskeyFactory(user=account)
        by_passkey = Browser().sign_in_with(account, account.passkey_set.get())
        for browser in (Browser().sign_in(account), by_passkey):
            assert browser.get(page).status_code == 404
            assert browser.post(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_is_asked_to_as_everywhere(page):
    answer = Browser().get(page)
    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={page}")


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_without_a_passkey_is_told_to_add_one(page):
    browser = Browser().sign_in(OperatorFactory().account)
    answer = browser.get(page)
    assert answer.status_code == 403
    assert reverse("new-passkey") in answer.content.decode()
    assert browser.post(page).status_code == 403


def test_an_operator_who_came_by_a_code_is_told_to_use_their_passkey():
    power = operator()
    answer = Browser().sign_in(power.account).get(INDEX)
    assert answer.status_code == 403
    assert "You have a passkey. Sign out, and sign in with it." in answer.content.decode()


def test_who_was_removed_is_out_at_the_next_request():
    power = operator()
    browser = browser_of(power)
    assert browser.get(INDEX).status_code == 200
    with excused():
        Operator.objects.all().delete()
    assert browser.get(INDEX).status_code == 404


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ("", "203.0.113.9", 200),
        ("192.0.2.0/24", "192.0.2.77", 200),
        ("192.0.2.0/24", "203.0.113.9", 404),
        ("192.0.2.0/24, 2001:db8::/32", "2001:db8::5", 200),
        ("192.0.2.0/24", "::ffff:192.0.2.77", 200),
        ("192.0.2.0/24", "", 404),
    ],
)
def test_operators_come_from_their_networks_alone(networks, address, status, settings):
    settings.OPERATOR_NETWORKS = read_networks("OPERATOR_NETWORKS", networks)
    assert browser_of(operator()).get(INDEX, REMOTE_ADDR=address).status_code == status


# --- what is there --------------------------------------------------------------------------------
@pytest.mark.parametrize("page", [INDEX, *LISTS])
def test_every_page_keeps_to_the_content_policy_of_the_panel(page):
    answer = browser_of(operator()).get(page)
    assert answer.status_code == 200
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("table", ops._registry.values(), ids=str)
@pytest.mark.parametrize("what", ["add", "delete", "history"])
def test_no_row_is_added_changed_or_deleted_by_a_form(table, what):
    with pytest.raises(NoReverseMatch):
        reverse(f"ops:{table.opts.app_label}_{table.opts.model_name}_{what}", args=[NOBODY])
    assert not table.has_add_permission(None)
    assert not table.has_change_permission(None)
    assert not table.has_delete_permission(None)


def test_a_row_is_shown_and_takes_nothing_that_is_posted_to_it():
    server, browser = ServerFactory(), browser_of(operator())
    page = f"{list_of(type(server))}{server.pk}/"
    assert server.locator in browser.get(page).content.decode()
    assert browser.post(page, {"region": "asia", "_save": "Save"}).status_code == 405
    server.refresh_from_db()
    assert server.region == "europe"
    assert actions_of(server) == ["page.viewed"]


def test_the_frameworks_own_pages_and_its_own_log_are_not_there():
    browser = browser_of(operator())
    for name in ("login", "logout", "password_change", "autocomplete"):
        with pytest.raises(NoReverseMatch):
            reverse(f"ops:{name}")
    assert browser.get(f"{INDEX}auth/").status_code == 404
    assert "django_admin_log" not in connection.introspection.table_names()


def test_a_look_at_a_list_stands_in_the_platforms_log():
    browser = browser_of(operator())
    for model in TABLES:
        browser.get(list_of(model))
        last = events_of(AuditStream(pk=PLATFORM))[-1]
        page = f"list of {model._meta.verbose_name_plural}"
        assert (last.action, last.data["page"]) == ("page.viewed", page)
        assert last.private["actor"] == "opal"


def test_no_list_shows_a_customers_name():
    server = ServerFactory(name="Atelier Secret")
    browser = browser_of(operator())
    for page in [*LISTS, f"{LISTS[0]}{server.pk}/"]:
        assert "Atelier Secret" not in browser.get(page).content.decode()


def test_who_searches_a_list_for_one_server_stands_in_its_log():
    server = ServerFactory()
    browser = browser_of(operator())
    browser.get(list_of(Suspension), {"q": str(server.pk)})
    browser.get(list_of(Suspension), {"q": "no id"})
    assert actions_of(server) == ["page.viewed"]
    assert events_of(server)[0].data["page"] == "suspension"


def test_lists_and_rows_say_moments_in_utc_under_the_products_words():
    hold, _ = HoldFactory(), DeletionOrderFactory(server=ServerFactory())
    browser = browser_of(operator())
    for page in (list_of(Hold), f"{list_of(Hold)}{hold.pk}/"):
        text = browser.get(page).content.decode()
        assert wording.utc(hold.placed_at) in text
        assert wording.utc(hold.until) in text
        assert "Placed" in text
        assert "Placed at" not in text
    assert "Last worked on" in browser.get(list_of(DeletionOrder)).content.decode()
