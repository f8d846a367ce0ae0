"""Another Server ID: the old one finds nothing, nobody who is in or waits is lost."""

from functools import partial
from threading import Barrier

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notice
from audit.authority import OutsideAuthority
from enigm_command.lib import locator
from membership.actions import approve_join_request
from membership.models import JoinRequest, Membership
from servers.actions import rotate_server_id
from servers.models import FormerLocator, Server
from servers.models.server import AlreadyRotated
from tests.app import App
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import AuthenticatorFactory, ServerFactory
from tests.search import says
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R11")]


def ask(app, server_id, secret):
    typed = {"server_id": server_id, "secret": secret * 43}
    return app.post(reverse("app-api:ask"), data=typed, content_type="application/json").status_code


def objects(server_id):
    return reverse("app-api:list_objects", args=[server_id])


def asking(server):
    return JoinRequest.objects.filter(server=server)


def test_the_old_one_finds_nothing_at_once_and_the_new_one_does(server, ada):
    old = server.locator
    new = rotate_server_id(server, by=ada)
    assert new != old
    assert ask(App("lena"), old, "A") == 202
    assert not asking(server).exists()
    assert ask(App("lena"), new, "B") == 202
    assert asking(server).count() == 1


def test_who_waits_goes_on_waiting_and_gets_in(server, ada):
    ask(App("lena"), server.locator, "A")
    rotate_server_id(server, by=ada)
    approve_join_request(asking(server).get(), by=ada)
    assert Membership.objects.of(server).count() == 1


@pytest.mark.requirement("R15")
def test_who_is_in_is_found_by_either_and_strangers_by_none(server, ada, uma):
    old = server.locator
    new = rotate_server_id(server, by=ada)
    for server_id in (old, new):
        assert App("uma").get(objects(server_id)).status_code == 200
    answers = {App("a stranger").get(objects(each)).content for each in (old, locator.make())}
    assert len(answers) == 1
    assert App("a stranger").get(objects(old)).status_code == 403


def test_an_old_one_costs_a_stranger_as_many_queries_as_none(server, ada, uma):
    old = server.locator
    rotate_server_id(server, by=ada)
    counts = set()
    for server_id in (old, locator.make()):
        with CaptureQueriesContext(connection) as asked:
            App("a stranger").get(objects(server_id))
        counts.add(len(asked))
    assert len(counts) == 1


def test_it_is_recorded_and_everyone_is_told(server, ada, oren):
    rotate_server_id(server, by=ada)
    (event,) = events_of(server)
    assert (event.action, event.actor_name) == ("server_id.rotated", "ada")
    for by in (ada, oren):
        told = Notice.objects.get(account=by.warrant.account)
        assert (told.kind, told.path) == (
            "server_id_rotated",
            reverse("invite", args=[server.pk]),
        )


def test_a_stranger_replaces_nothing(server, mallory):
    with pytest.raises(OutsideAuthority):
        rotate_server_id(server, by=mallory)
    assert Server.objects.get(pk=server.pk).locator == server.locator
    assert not events_of(server)


# --- never given out again ------------------------------------------------------------------------
def test_a_replaced_one_is_refused_to_every_server(server, ada, mallory):
    old = server.locator
    rotate_server_id(server, by=ada)
    for row in (server, mallory.warrant.server):
        with pytest.raises(IntegrityError, match="never given out again"), excused():
            Server.objects.filter(pk=row.pk).update(locator=old)
    with pytest.raises(IntegrityError, match="never given out again"):
        ServerFactory(locator=old)


def test_what_was_replaced_stays_known(server, ada):
    old = server.locator
    rotate_server_id(server, by=ada)
    row = FormerLocator.objects.filter(pk=old)
    for change in (row.delete, partial(row.update, locator=locator.make())):
        with pytest.raises(DatabaseError, match="stays where it is"), transaction.atomic():
            change()
    assert row.get().server == server


@pytest.mark.django_db(transaction=True)
def test_of_two_who_replace_it_at_once_one_does(server, oren, ada, elsewhere):
    at_once = Barrier(2)

    def rotate(by):
        seen = Server.objects.get(pk=server.pk)
        at_once.wait()
        try:
            rotate_server_id(seen, by=by)
        except AlreadyRotated:
            return False
        return True

    answers = [elsewhere(partial(rotate, by)) for by in (oren, ada)]
    assert sorted(answer.result() for answer in answers) == [False, True]
    assert actions_of(server) == ["server_id.rotated"]
    assert FormerLocator.objects.count() == 1


# --- the pages ------------------------------------------------------------------------------------
@pytest.fixture
def browser(ada):
    AuthenticatorFactory(user=ada.warrant.account)
    return Browser().sign_in(ada.warrant.account)


def confirm(browser, server, account, **typed):
    url = reverse("server-id-rotation", args=[server.pk])
    asked = browser.get(url).context["form"].confirmation
    said = {"confirmation": asked.pk, "code": fresh_code(account), **typed}
    return browser.post(url, said, follow=True)


def test_the_page_replaces_it_and_shows_the_new_one(server, ada, browser):
    text = confirm(browser, server, ada.warrant.account).content.decode()
    now = Server.objects.get(pk=server.pk).locator
    assert now in text
    assert server.locator not in text


def test_a_wrong_code_replaces_nothing_and_leaves_an_entry(server, ada, browser):
    confirm(browser, server, ada.warrant.account, code="000000")
    assert Server.objects.get(pk=server.pk).locator == server.locator
    assert actions_of(server) == ["server_id.rotated refused"]


def test_a_confirmation_for_one_server_id_does_not_replace_the_next(server, ada, oren, browser):
    url = reverse("server-id-rotation", args=[server.pk])
    asked = browser.get(url).context["form"].confirmation
    rotate_server_id(server, by=oren)
    said = {"confirmation": asked.pk, "code": fresh_code(ada.warrant.account)}
    assert browser.post(url, said).status_code == 200
    assert actions_of(server) == ["server_id.rotated"]


def test_the_printed_sheet_has_the_server_id_and_its_code_and_names_nobody(server, browser):
    url = reverse("invite-print", args=[server.pk])
    text = browser.get(url).content.decode()
    sheet = text[text.index("<main") : text.index("</main>")]
    assert server.locator in sheet
    assert "QR code of the join link" in sheet
    assert server.name not in sheet
    assert not says("ada", sheet)
