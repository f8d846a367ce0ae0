"""How people in the tests are invited, and answer."""

import re

from django.urls import reverse

from accounts.models import Account
from servers.models import Invitation
from servers.ownership import authority_of_invited
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import AccountFactory, AuthenticatorFactory


def somebody(name: str = "kim") -> Account:
    """An account with a second factor, and without a server."""
    return AuthenticatorFactory(user=AccountFactory(username=name)).user


def found(code: str) -> Invitation:
    """The open invitation of this code."""
    invitation = Invitation.objects.with_code(code)
    assert invitation is not None
    return invitation


def as_invited(code: str, account: Account):
    """The invitation, and what this account answers it with."""
    invitation = found(code)
    return invitation, authority_of_invited(invitation, account)


def answer_url(code: str) -> str:
    return reverse("invitation-answer", args=[code])


def accept(browser: Browser, invited: str, account: Account, **typed: str):
    """Read the page, take the responsibility and prove a factor."""
    asked = browser.get(answer_url(invited)).context["form"].confirmation
    said = {"accepts": "on", "confirmation": asked.pk, "code": fresh_code(account), **typed}
    return browser.post(answer_url(invited), said)


def masked(answer) -> tuple[int, str]:
    """A page without what differs between any two visits."""
    page = answer.content.decode().replace(str(answer.context["csrf_token"]), "")
    return answer.status_code, re.sub(r'value="[A-Za-z0-9]{64}"', "", page)
