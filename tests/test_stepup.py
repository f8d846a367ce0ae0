"""A factor proved again: what a stolen session lacks."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse

from accounts import stepup, unsent
from accounts.models import RecoveryDevice, Session
from audit.vocabulary import Action
from content.models import DeletionOrder
from enigm_command.lib import clock
from servers.actions import rename_server
from servers.models import Server, Standing
from tests.browser import Browser
from tests.codes import fresh_code, shown_by, wrong_code
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory, SuspensionFactory
from tests.objects import available, store
from tests.support import actions_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]


@pytest.fixture
def panel(server, ada):
    return Browser().sign_in(ada.warrant.account)


@pytest.fixture
def app(panel, ada):
    """Ada's authenticator app."""
    return panel_app(ada.warrant.account)


def panel_app(account):
    return account.encryptedtotpdevice_set.get(confirmed=True)


def at(route, server, *more):
    return reverse(route, args=[server.pk, *more])


def copied(browser):
    """The same session in somebody else's browser."""
    thief = Browser()
    thief.cookies = browser.cookies.copy()
    return thief


def request_of(account):
    request = RequestFactory().post("/")
    request.user, request.session = account, Browser().sign_in(account).session
    del request.session[stepup.PROVED]
    return request


# --- a stolen session -----------------------------------------------------------------------------
def test_a_copied_session_cookie_reads_and_cannot_order_export_or_erase(server, panel, oren, uma):
    store(uma)
    rename_server(server, "Atelier South", by=oren)
    thief = copied(panel.grow_stale())
    review = thief.get(at("delete-review", server), {"reaches": "kind", "kind": "message"})
    erasure = thief.get(at("value-erasure", server, 0, "to"))
    removal = thief.get(at("member-removal", server, uma.membership.pk))
    for page, button in ((review, "Delete"), (erasure, "Erase"), (removal, "Remove")):
        assert "Enter the 6 digits" in thief.press(page, button).content.decode()
    for route in ("log-export", "log-table", "suspension"):
        assert thief.post(at(route, server)).url.startswith("/confirm-you/")
    assert actions_of(server) == [Action.SERVER_RENAMED]
    assert len(available(uma)) == 1


def test_what_its_owner_proved_in_the_last_minutes_orders_and_erases_nothing_either(
    server, panel, oren, uma
):
    store(uma)
    thief = copied(panel)
    review = thief.get(at("delete-review", server), {"reaches": "kind", "kind": "message"})
    assert list(thief.press(review, "Delete").context["form"].errors) == ["code"]
    assert not DeletionOrder.objects.exists()


def test_when_its_owner_proves_a_factor_the_copy_is_signed_out(panel, app, server):
    thief = copied(panel.grow_stale())
    panel.post("/confirm-you/", {"code": shown_by(app)})
    assert panel.get(at("server", server)).status_code == 200
    assert thief.get(at("server", server)).url.startswith("/sign-in/")


def test_a_wrong_code_by_somebody_with_standing_is_a_refused_act(server, panel, app, uma):
    store(uma)
    review = panel.get(at("delete-review", server), {"reaches": "kind", "kind": "message"})
    panel.press(review, "Delete", code=wrong_code(app))
    assert actions_of(server) == ["deletion.ordered refused"]
    said = panel.get(at("log", server)).content.decode()
    assert "was refused: ordered deletion (wrong code)" in said


# --- fresh, and for how long ----------------------------------------------------------------------
def test_a_code_is_fresh_for_five_minutes_and_moves_the_session_to_a_new_key(app):
    request = request_of(app.user)
    before = request.session.session_key
    assert not stepup.is_fresh(request)
    assert stepup.verify(request, shown_by(app))
    assert stepup.is_fresh(request)
    assert request.session.session_key != before
    epoch = request.session[stepup.PROVED][1]
    for age, fresh in ((timedelta(minutes=4, seconds=50), True), (timedelta(minutes=5), False)):
        request.session[stepup.PROVED] = [(clock.now() - age).isoformat(), epoch]
        assert stepup.is_fresh(request) is fresh


def test_it_ends_when_a_factor_changes(app):
    request = request_of(app.user)
    stepup.take(request, app)
    app.user.end_sessions()
    assert not stepup.is_fresh(request)


def test_neither_a_recovery_code_nor_anothers_factor_is_fresh(app):
    RecoveryDevice.objects.renew(app.user)
    request = request_of(app.user)
    for device in (RecoveryDevice.objects.get(), AuthenticatorFactory()):
        stepup.take(request, device)
        assert not stepup.is_fresh(request)


def test_signing_in_with_the_app_is_fresh_and_with_a_recovery_code_is_not(server, ada):
    account = ada.warrant.account
    app = AuthenticatorFactory(user=account)
    recovery_code = RecoveryDevice.objects.renew(account)[0]
    known = {"username": "ada", "password": PASSWORD}
    by_app, by_recovery_code = Browser(), Browser()
    by_app.post(reverse("sign-in"), known)
    by_app.post(reverse("sign-in-code"), {"code": shown_by(app)})
    by_recovery_code.post(reverse("sign-in-recovery-code"), {**known, "code": recovery_code})
    for browser, fresh in ((by_app, 200), (by_recovery_code, 302)):
        assert browser.get(at("server", server)).status_code == 200
        assert browser.get(at("suspension", server)).status_code == fresh


@pytest.mark.parametrize("route", ["suspension", "resumption", "log-export", "log-table"])
def test_these_acts_ask_for_a_fresh_factor(server, panel, app, route):
    SuspensionFactory(server=server)
    before = actions_of(server)
    assert panel.grow_stale().post(at(route, server)).url.startswith("/confirm-you/")
    assert actions_of(server) == before


# --- the page -------------------------------------------------------------------------------------
def test_a_page_that_asks_for_it_is_shown_afterwards(server, panel, app):
    asked = panel.grow_stale().get(at("suspension", server))
    page = panel.get(asked.url).content.decode()
    assert "You will not be asked again for 5 minutes." in page
    answer = panel.post(asked.url, {"code": shown_by(app)}, follow=True)
    assert answer.request["PATH_INFO"] == at("suspension", server)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:1"])
def test_it_leads_nowhere_else(panel, app, elsewhere):
    asked = f"/confirm-you/?next={elsewhere}"
    panel.grow_stale().post(asked, {"code": shown_by(app)})
    assert panel.get(asked).url == reverse("servers")


def test_a_wrong_code_is_said_and_after_many_none_is_looked_at(panel, app):
    panel.grow_stale()
    for _ in range(10):
        page = panel.post("/confirm-you/", {"code": wrong_code(app)})
        assert "There is a problem" in page.content.decode()
    told = panel.post("/confirm-you/", {"code": fresh_code(app.user)})
    assert (told.status_code, panel.get("/confirm-you/").status_code) == (429, 200)


def test_a_program_is_told_and_not_sent_to_a_page(server, panel):
    answer = panel.grow_stale().post(
        at("suspension", server), headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "confirm_you")


# --- what was filled in ---------------------------------------------------------------------------
def test_a_form_is_kept_and_handed_back_to_be_sent(server, panel, app):
    asked = panel.grow_stale().post(at("suspension", server), {"reason": "A phone <lost>"})
    assert "what you filled in is kept" in panel.get(asked.url).content.decode()
    back = panel.post(asked.url, {"code": shown_by(app)}, follow=True)
    assert Server.objects.get().standing == Standing.ACTIVE
    panel.press(back, "Continue")
    assert Server.objects.get().standing == Standing.SUSPENDED
    assert server.suspensions.get().reason == "A phone <lost>"
    assert panel.get(asked.url).url == reverse("servers"), "it is forgotten once it was sent"


def test_it_is_handed_back_only_where_it_was_sent_to_be_confirmed(server, panel, app):
    """A thief's form, left in the session, is not handed to the owner."""
    asked = copied(panel.grow_stale()).post(at("suspension", server), {"reason": "Gone"})
    panel.post("/confirm-you/", {"code": shown_by(app)})
    assert panel.get("/confirm-you/").url == reverse("servers")
    assert panel.get("/confirm-you/?kept=").url == reverse("servers")
    assert "Continue" in panel.get(asked.url).content.decode()


def kept(account, data, **more):
    request = request_of(account)
    request = RequestFactory().post("/somewhere/?page=2", {**data, **more})
    request.user, request.session = account, Browser().sign_in(account).session
    unsent.keep(request)
    return request.session.get(unsent.UNSENT)


def test_codes_passwords_and_files_are_not_kept():
    typed = {
        "code": "123456",
        "password": "secret",
        "new_password1": "secret",
        "recovery_code": "ABCD",
        "csrfmiddlewaretoken": "secret",
        "file": SimpleUploadedFile("plan.txt", b"secret"),
        "pick": ["one", "two"],
        "reason": "why",
    }
    form = kept(AccountFactory(), typed)
    assert form["fields"] == [("pick", "one"), ("pick", "two"), ("reason", "why")]
    assert form["to"] == "/somewhere/?page=2"


def test_what_is_too_long_is_not_kept_and_the_person_is_told(server, panel, app):
    asked = panel.grow_stale().post(at("suspension", server), {"reason": "x" * unsent.MOST})
    assert unsent.UNSENT not in panel.session
    assert "too long to keep" in panel.get(asked.url).content.decode()


def test_it_is_kept_for_five_minutes(server, panel, app):
    asked = panel.grow_stale().post(at("suspension", server), {"reason": "Gone"})
    old = {**panel.session[unsent.UNSENT], "at": (clock.now() - unsent.KEPT).isoformat()}
    panel.remember(**{unsent.UNSENT: old})
    answer = panel.post(asked.url, {"code": shown_by(app)}, follow=True)
    assert answer.request["PATH_INFO"] == reverse("servers")
    assert unsent.UNSENT not in panel.session


@pytest.mark.requirement("R29")
def test_at_rest_nothing_of_it_can_be_read(server, panel):
    panel.grow_stale().post(at("suspension", server), {"reason": "A phone was lost"})
    assert not any("phone" in str(row) for row in Session.objects.values_list())
