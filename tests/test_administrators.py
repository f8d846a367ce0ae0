"""Power over a server is a row: it opens the pages, and the last one stays."""

from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.vocabulary import Capacity
from servers.edge import authority_of
from servers.models import Administrator, Server, Standing
from tests.browser import Browser
from tests.factories import AdministratorFactory, ServerFactory
from tests.support import events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10")]

SERVER_ROUTES = [
    "settings",
    "log",
    "invite",
    "suspension",
    "resumption",
    "server-deletion",
    "server-deletion-calling-off",
]
READ_ONLY = {"log", "invite"}
POST_ONLY = {"resumption", "server-deletion-calling-off"}


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
