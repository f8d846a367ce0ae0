"""A session ends in the middle of a form: after signing in again, what was filled in is there."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse

from accounts import unsent
from accounts.factors import RecoveryDevice
from accounts.models import Session
from content.models import DeletionOrder
from enigm_command.lib import clock
from servers.models import Server
from servers.models.purchase import Purchase
from tests.codes import fresh_code
from tests.factories import PASSWORD, AuthenticatorFactory, PlanFactory
from tests.objects import store
from tests.search import says
from tests.security_key import SecurityKey
from tests.support import actions_of
from tests.test_passkeys import at_the_site, prove, register

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]

CARRIED = re.compile(r'name="unsent" value="([^"]+)"')


@pytest.fixture
def account(ada):
    return AuthenticatorFactory(user=ada.warrant.account).user


@pytest.fixture
def panel(account):
    return at_the_site().sign_in(account)


def at(route, server):
    return reverse(route, args=[server.pk])


def end_every_session():
    Session.objects.all().delete()


def sign_in(browser, page, account, password=PASSWORD):
    """From the page that carries a form, to the page behind the second factor."""
    carried = CARRIED.search(page.content.decode())[1]
    known = {"username": account.username, "password": password, "unsent": carried}
    answer = browser.post(reverse("sign-in"), known)
    if answer.status_code == 200:
        return answer
    return browser.post(reverse("sign-in-code"), {"code": fresh_code(account)}, follow=True)


def test_what_was_filled_in_is_kept_and_nothing_happens_before_it_is_sent(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier <South>"})
    assert "You were signed out before this was sent." in page.content.decode()
    back = sign_in(panel, page, account)
    assert Server.objects.get().name == "Atelier North"
    panel.press(back, "Continue")
    assert Server.objects.get().name == "Atelier <South>"


def test_a_confirmation_is_asked_again_and_the_rest_is_kept(server, panel, account, uma):
    store(uma)
    review = panel.get(at("delete-review", server), {"reaches": "everything"})
    end_every_session()
    typed = {"name": "Atelier North", "reason": "We move", "code": "123456"}
    page = panel.press(review, "Delete", **typed)
    again = panel.press(sign_in(panel, page, account), "Continue").content.decode()
    assert 'value="Atelier North"' in again
    assert "We move" in again
    assert not says("123456", again)
    assert "Enter the 6 digits" in again
    assert not DeletionOrder.objects.exists()
    assert actions_of(server) == []


def test_an_order_for_a_server_is_placed_once_it_is_sent_again(panel, account, settings):
    settings.DEBUG = True  # else there is no provider to pay by
    plan = PlanFactory(code="team")
    checkout = panel.get(reverse("checkout"))
    end_every_session()
    chosen = {"plan": plan.pk, "region": "asia", "name": "Quay", "seats": "5", "runs": "buyer"}
    page = panel.press(checkout, "Continue to payment", **chosen, accepts="on")
    panel.press(sign_in(panel, page, account), "Continue")
    assert Purchase.objects.get(buyer=account).name == "Quay"


def test_a_wrong_password_loses_nothing(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    page = sign_in(panel, page, account, password="not the one that it is")
    panel.press(sign_in(panel, page, account), "Continue")
    assert Server.objects.get().name == "Atelier South"


def test_a_passkey_is_as_good_as_a_password(server, panel, account):
    register(panel, key := SecurityKey())
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    carried = CARRIED.search(page.content.decode())[1]
    told = prove(panel, "sign-in", key, unsent=carried).json()
    panel.press(panel.get(told["next"]), "Continue")
    assert Server.objects.get().name == "Atelier South"


def test_it_is_handed_back_only_at_the_address_that_the_sign_in_leads_to(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    assert "Continue" in sign_in(panel, page, account).content.decode()
    assert panel.get("/confirm-you/").url == reverse("servers")


@pytest.mark.parametrize("bend", [lambda text: "", lambda text: text[:-1] + "!"])
def test_what_we_did_not_sign_is_nothing(server, panel, account, bend):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    page.content = CARRIED.sub(
        lambda found: f'name="unsent" value="{bend(found[1])} "', page.content.decode()
    ).encode()
    assert sign_in(panel, page, account).request["PATH_INFO"] == reverse("servers")


def test_half_an_hour_later_it_is_over(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    text = CARRIED.search(page.content.decode())[1]
    long_ago = clock.now() - unsent.CARRIED - timedelta(seconds=1)
    old = signing.loads(text, salt=unsent.SALT) | {"at": long_ago.isoformat()}
    page.content = page.content.replace(
        text.encode(), signing.dumps(old, salt=unsent.SALT).encode()
    )
    assert sign_in(panel, page, account).request["PATH_INFO"] == reverse("servers")


def test_what_proves_a_person_is_not_carried(server, panel):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "South", "code": "123456", "password": "x"})
    said = signing.loads(CARRIED.search(page.content.decode())[1], salt=unsent.SALT)
    assert (said["to"], said["fields"]) == (at("settings", server), [["name", "South"]])


@pytest.mark.parametrize("typed", [{}, {"code": "123456"}, {"name": "x" * unsent.MOST}])
def test_where_there_is_nothing_to_keep_or_too_much_the_sign_in_is_all(server, panel, typed):
    end_every_session()
    assert panel.post(at("settings", server), typed).url == reverse("sign-in")


def test_a_program_is_told_and_nothing_is_kept(server, panel):
    end_every_session()
    told = panel.post(
        at("settings", server), {"name": "South"}, headers={"Accept": "application/json"}
    )
    assert (told.status_code, told.json()["code"]) == (401, "signed_out")


# --- by a recovery code ---------------------------------------------------------------------------
def by_recovery_code(browser, page, account):
    """From a page of the sign-in to the page behind the recovery code."""
    code = RecoveryDevice.objects.make(account)[0]
    carried = CARRIED.search(page.content.decode())
    typed = {"username": account.username, "password": PASSWORD, "code": code}
    return browser.post(
        reverse("sign-in-recovery-code"),
        typed | ({"unsent": carried[1]} if carried else {}),
        follow=True,
    )


def test_a_recovery_code_is_as_good_as_a_password(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    asked = panel.press(page, "Use a recovery code")
    assert "Enter one of your recovery codes" not in asked.content.decode()
    panel.press(by_recovery_code(panel, asked, account), "Continue")
    assert Server.objects.get().name == "Atelier South"


def test_nothing_is_lost_by_whoever_misses_the_factor_after_the_password(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    known = {"username": account.username, "password": PASSWORD}
    panel.post(reverse("sign-in"), known | {"unsent": CARRIED.search(page.content.decode())[1]})
    asked = panel.get(reverse("sign-in-recovery-code"))
    panel.press(by_recovery_code(panel, asked, account), "Continue")
    assert Server.objects.get().name == "Atelier South"


def test_somebody_elses_recovery_code_takes_over_nothing(server, panel, account):
    end_every_session()
    page = panel.post(at("settings", server), {"name": "Atelier South"})
    known = {"username": account.username, "password": PASSWORD}
    panel.post(reverse("sign-in"), known | {"unsent": CARRIED.search(page.content.decode())[1]})
    other = AuthenticatorFactory().user
    asked = panel.get(reverse("sign-in-recovery-code"))
    assert by_recovery_code(panel, asked, other).request["PATH_INFO"] == reverse("servers")
    assert unsent.UNSENT not in panel.session


def test_after_a_recovery_code_what_needs_a_factor_still_needs_one(server, panel, account):
    end_every_session()
    page = panel.post(at("suspension", server), {"reason": "We move"})
    asked = panel.press(page, "Use a recovery code")
    refused = panel.press(by_recovery_code(panel, asked, account), "Continue")
    again = panel.get(refused.url).content.decode()
    assert "Set up a new authenticator app" in again
    assert "what you filled in is kept" in again
    assert actions_of(server) == []
