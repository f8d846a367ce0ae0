"""Power over a server is a row: it opens the pages, and the last one stays."""

from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import Notice
from audit.authority import OutsideAuthority
from audit.vocabulary import Capacity
from servers.actions import leave_administration, remove_administrator, rename_server
from servers.closing import StillNeeded
from servers.edge import authority_of
from servers.models import Administrator, Server, Standing
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import (
    AccountFactory,
    AdministratorFactory,
    AuthenticatorFactory,
    ServerFactory,
)
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10")]

SERVER_ROUTES = [
    "administrator-invitation",
    "administrator-leaving",
    "administrators",
    "invite-print",
    "owner-invitation",
    "ownership",
    "ownership-acceptance",
    "ownership-refusal",
    "ownership-withdrawal",
    "server-id-rotation",
    "settings",
    "log",
    "invite",
    "suspension",
    "resumption",
    "server-deletion",
    "server-deletion-calling-off",
]
READ_ONLY = {"administrators", "invite", "invite-print", "log", "ownership"}
POST_ONLY = {
    "ownership-refusal",
    "ownership-withdrawal",
    "resumption",
    "server-deletion-calling-off",
}


def change(change_rows):
    """The rows alone, without an act: only what the database holds at commit is tried."""
    with excused():
        change_rows()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def remove(*powers):
    change(Administrator.objects.filter(pk__in=[power.pk for power in powers]).delete)


def test_the_last_administrator_stays(oren):
    with pytest.raises(IntegrityError, match="the last administrator"):
        remove(oren.warrant)


def test_one_of_two_may_go(server, oren, ada):
    remove(ada.warrant)
    assert list(server.administrators.all()) == [oren.warrant]


def test_both_at_once_may_not(oren, ada):
    with pytest.raises(IntegrityError, match="the last administrator"):
        remove(oren.warrant, ada.warrant)


def test_the_last_one_may_not_be_moved_to_another_server_either(oren):
    row, elsewhere = Administrator.objects.filter(pk=oren.warrant.pk), ServerFactory()
    with pytest.raises(IntegrityError, match="the last administrator"):
        change(lambda: row.update(server=elsewhere))


def test_a_deleted_servers_administrators_may_all_go(server, oren):
    with excused():
        Server.objects.filter(pk=server.pk).update(standing=Standing.DELETED, name=None)
    remove(oren.warrant)
    assert not server.administrators.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_remove_each_other_at_the_same_moment_leave_one(elsewhere):
    server = ServerFactory()
    first = server.administrators.get()
    second = AdministratorFactory(server=server)
    together = Barrier(2)

    def go(power):
        with excused():
            Administrator.objects.filter(pk=power.pk).delete()
            together.wait()

    attempts = [elsewhere(lambda power=power: go(power)) for power in (first, second)]
    failures = [attempt.exception() for attempt in attempts]
    assert sorted(type(failure) for failure in failures if failure) == [IntegrityError]
    assert server.administrators.count() == 1


def test_an_account_administers_a_server_once(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        AdministratorFactory(server=ada.warrant.server, account=ada.warrant.account)


def test_the_owner_acts_as_owner_and_others_as_administrators(oren, ada):
    assert (oren.capacity, ada.capacity) == (Capacity.OWNER, Capacity.ADMINISTRATOR)
    assert authority_of(ada.warrant, "ada").warrant == ada.warrant


def test_an_account_sees_the_servers_it_administers_and_no_others(server, ada, mallory):
    assert list(Server.objects.for_account(ada.warrant.account)) == [server]
    assert server not in Server.objects.for_account(mallory.warrant.account)


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("route", SERVER_ROUTES)
def test_to_an_outsider_the_server_does_not_exist_and_they_leave_no_trace(server, mallory, route):
    browser = Browser().sign_in(mallory.warrant.account)
    url = reverse(route, args=[server.pk])
    unknown = reverse(route, args=[mallory.warrant.pk])

    if route not in READ_ONLY:
        assert browser.post(url, {"name": "Mine"}).status_code == 404
        assert browser.post(unknown).status_code == 404
    if route not in POST_ONLY:
        assert browser.get(url).status_code == browser.get(unknown).status_code == 404
    assert not events_of(server)
    assert Server.objects.get(pk=server.pk).standing == Standing.ACTIVE


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("route", SERVER_ROUTES)
def test_without_signing_in_every_page_asks_for_it(server, route):
    answer = Browser().post(reverse(route, args=[server.pk]))
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


def test_whoever_lost_the_power_is_an_outsider_at_the_next_request(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    url = reverse("settings", args=[server.pk])
    assert browser.get(url).status_code == 200
    remove(ada.warrant)
    assert browser.get(url).status_code == 404


def test_another_servers_administrator_is_still_one_there(mallory):
    browser = Browser().sign_in(mallory.warrant.account)
    assert browser.get(reverse("settings", args=[mallory.server_id])).status_code == 200


def test_a_server_without_its_server_id_has_no_pages_yet():
    server = ServerFactory(locator=None)
    browser = Browser().sign_in(server.owner)
    assert browser.get(reverse("settings", args=[server.pk])).status_code == 404


# --- removing and leaving -------------------------------------------------------------------------
@pytest.fixture
def kim(server):
    power = AdministratorFactory(server=server, account=AccountFactory(username="kim"))
    return authority_of(power, "kim")


def page(route, server, *args):
    return reverse(route, args=[server.pk, *args])


def confirm(browser, url, account, **typed):
    asked = browser.get(url).context["form"].confirmation
    said = {"confirmation": asked.pk, "code": fresh_code(account), **typed}
    return browser.post(url, said, follow=True)


@pytest.fixture
def browser(ada):
    AuthenticatorFactory(user=ada.warrant.account)
    return Browser().sign_in(ada.warrant.account)


@pytest.mark.requirement("R5")
def test_a_removed_one_is_outside_at_the_next_request_and_the_log_keeps_them(
    server, ada, kim, browser
):
    theirs = Browser().sign_in(kim.warrant.account)
    rename_server(server, "Quay", by=kim)
    url = page("administrator-removal", server, kim.warrant.pk)
    text = confirm(browser, url, ada.warrant.account).content.decode()

    assert "kim no longer administers this server." in text
    assert theirs.get(page("settings", server)).status_code == 404
    renamed, removed = events_of(server)
    assert renamed.actor_name == "kim"
    assert (removed.action, removed.actor_name) == ("administrator.removed", "ada")
    assert removed.shown_values["administrator"] == "kim"


def test_all_administrators_and_the_removed_one_are_told(server, oren, ada, kim, mallory):
    remove_administrator(kim.warrant, by=ada)
    for by, kind in [(oren, "removed"), (ada, "removed"), (kim, "ended"), (mallory, "")]:
        told = Notice.objects.filter(account=by.warrant.account)
        assert [kind in each.kind for each in told] == ([True] if kind else [])


def test_a_wrong_code_removes_nobody_and_leaves_an_entry(server, ada, kim, browser):
    url = page("administrator-removal", server, kim.warrant.pk)
    confirm(browser, url, ada.warrant.account, code="000000")
    assert server.administrators.filter(pk=kim.warrant.pk).exists()
    assert actions_of(server) == ["administrator.removed refused"]


def test_a_confirmation_for_one_removes_no_other(server, ada, kim, browser):
    lee = AdministratorFactory(server=server)
    asked = browser.get(page("administrator-removal", server, lee.pk)).context["form"].confirmation
    said = {"confirmation": asked.pk, "code": fresh_code(ada.warrant.account)}
    browser.post(page("administrator-removal", server, kim.warrant.pk), said)
    assert server.administrators.count() == 4
    assert not actions_of(server)


def test_the_owner_is_not_removed(server, oren, ada, browser):
    url = page("administrator-removal", server, oren.warrant.pk)
    assert "has to be handed over first" in browser.get(url).content.decode()
    confirm(browser, url, ada.warrant.account)
    with pytest.raises(StillNeeded):
        remove_administrator(oren.warrant, by=ada)
    assert server.administrators.filter(pk=oren.warrant.pk).exists()
    assert not actions_of(server)


@pytest.mark.requirement("R5")
def test_a_stranger_removes_nobody(server, ada, mallory):
    with pytest.raises(OutsideAuthority):
        remove_administrator(ada.warrant, by=mallory)
    url = page("administrator-removal", mallory.warrant.server, ada.warrant.pk)
    assert Browser().sign_in(mallory.warrant.account).get(url).status_code == 404
    assert not events_of(server)


def test_one_leaves_by_oneself(server, ada, browser):
    url = page("administrator-leaving", server)
    confirm(browser, url, ada.warrant.account)
    assert not server.administrators.filter(pk=ada.warrant.pk).exists()
    assert actions_of(server) == ["administrator.left"]
    assert browser.get(page("settings", server)).status_code == 404


def test_the_owner_does_not_leave(server, oren, ada):
    browser = Browser().sign_in(oren.warrant.account)
    text = browser.get(page("administrator-leaving", server)).content.decode()
    assert "Hand it over first" in text
    with pytest.raises(StillNeeded):
        leave_administration(oren.warrant, by=oren)


@pytest.mark.parametrize("alone", [True, False])
def test_a_lone_administrator_is_warned_on_their_page(server, oren, alone):
    if not alone:
        AdministratorFactory(server=server)
    text = Browser().sign_in(oren.warrant.account).get(page("administrators", server))
    assert ("There is only one administrator." in text.content.decode()) == alone


@pytest.mark.requirement("R5")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(10))
def test_of_two_who_remove_each_other_at_once_one_stays(elsewhere, attempt):
    server = ServerFactory()
    powers = [AdministratorFactory(server=server) for _ in range(2)]
    together = Barrier(2)

    def remove_other(own, other):
        by = authority_of(own, own.account.username)
        together.wait()
        try:
            remove_administrator(other, by=by)
        except OutsideAuthority:
            return "refused"
        return "removed"

    pairs = [powers, powers[::-1]]
    attempts = [elsewhere(partial(remove_other, *pair)) for pair in pairs]
    assert sorted(each.result() for each in attempts) == ["refused", "removed"]
    assert server.administrators.count() == 2, "the owner, and one of them"
    assert actions_of(server) == ["administrator.removed", "administrator.removed refused"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_removing_and_leaving_at_once_end_one_power_once(elsewhere, attempt):
    server = ServerFactory()
    oren = authority_of(server.administrators.get(), "oren")
    power = AdministratorFactory(server=server)
    ada = authority_of(power, "ada")
    together = Barrier(2)

    def go(act, by):
        together.wait()
        try:
            act(power, by=by)
        except (OutsideAuthority, Administrator.DoesNotExist):
            return False
        return True

    acts = [(leave_administration, ada), (remove_administrator, oren)]
    attempts = [elsewhere(partial(go, *act)) for act in acts]
    assert sorted(each.result() for each in attempts) == [False, True]
    assert list(server.administrators.all()) == [oren.warrant]
