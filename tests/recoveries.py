"""How people in the tests lose everything, and come back."""

from base64 import b32decode
from datetime import timedelta

from django.urls import reverse
from django_otp.oath import TOTP

from accounts.factors import STEP, new_seed
from accounts.models import Recovery
from accounts.recovery import DELAY, KEY, NewWayIn
from servers.views.recovery import NOTHING
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import AccountFactory, AdministratorFactory, RecoveryFactory

NEW = "umbrella canyon ledger fifty"
OVER = DELAY + timedelta(minutes=1)


def begin(name):
    return Browser().post(reverse("recovery-begin"), {"username": name})


def shown(answer):
    return answer.context["key"], answer.context["spoken"]


def masked(answer):
    key, spoken = shown(answer)
    status, page = said(answer)
    return status, page.replace(key, "KEY").replace(spoken, "SPOKEN")


def said(answer):
    """The page, without what differs between any two visits and what was typed."""
    page = answer.content.decode()
    for typed in (answer.wsgi_request.POST.get(name, "") for name in ("username", "code")):
        page = page.replace(typed, "") if typed else page
    token = answer.context["csrf_token"] if answer.context else ""
    return answer.status_code, page.replace(str(token), "")


def administrator(server, name):
    return AdministratorFactory(server=server, account=AccountFactory(username=name))


def begun(name="ada"):
    """The recovery key and the spoken code that somebody is shown."""
    return shown(begin(name))


def page(route, server, *args):
    return reverse(route, args=[server.pk, *args])


def browser_of(authority):
    return Browser().sign_in(authority.warrant.account)


def say(browser, server, spoken):
    return browser.post(page("vouching", server), {"spoken": spoken})


def confirm(browser, url, account):
    """Answer the question on the page with a fresh code."""
    asked = browser.get(url).context["form"].confirmation
    return browser.post(url, {"confirmation": asked.pk, "code": fresh_code(account)})


def enter(key):
    return Browser().post(reverse("recovery"), {"key": key})


def app_code(answer):
    """What an app shows after scanning the page."""
    seed = answer.context["seed"].replace(" ", "")
    return f"{TOTP(b32decode(seed), STEP).token():06}"


def come_back(key, password=NEW, code=None):
    """Enter the key and fill in what the page asks for."""
    answer = enter(key)
    if "seed" not in (answer.context or {}):
        return answer
    form = answer.context["form"]
    typed = {"key": key, "seed": form.initial["seed"], "password": password}
    return Browser().post(reverse("recovery-finish"), {**typed, "code": code or app_code(answer)})


def new_way_in():
    seed = new_seed()
    return NewWayIn(NEW, seed, f"{TOTP(b32decode(seed), STEP).token():06}")


def is_back(answer):
    return "Save your recovery codes" in answer.content.decode()


def opens_nothing(answer):
    return NOTHING in answer.content.decode()


def vouched(account, by, ago=timedelta(0)):
    """A recovery that `by` vouched for, and its key."""
    key = KEY.make()
    recovery = RecoveryFactory(account=account, key=key, vouched_by=by, ago=ago)
    return Recovery.objects.get(pk=recovery.pk), key
