"""Operators of the tests: each with a passkey, by which they signed in."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.urls import reverse

from accounts.operators_acts import ANSWERED
from tests.browser import Browser
from tests.factories import OperatorFactory, PasskeyFactory


def operator(name: str = "opal") -> Any:
    """Somebody who runs the platform, with a passkey."""
    power = OperatorFactory(account__username=name)
    PasskeyFactory(user=power.account)
    return power


def browser_of(power: Any) -> Browser:
    """Their browser, signed in by that passkey, with a factor just proved."""
    return Browser().sign_in_with(power.account, power.account.passkey_set.get())


def list_of(model: Any) -> str:
    """Where the rows of a table are listed."""
    return reverse(f"ops:{model._meta.app_label}_{model._meta.model_name}_changelist")


def choose(browser: Browser, act: str, *rows: Model) -> Any:
    """Choose an act for these rows in their list: the page that asks what it takes."""
    chosen = {"action": act, "index": "0", ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows]}
    return browser.post(list_of(type(rows[0])), chosen)


def act(browser: Browser, act: str, *rows: Model, **typed: str) -> str:
    """Send that page with the rest filled in; what the list then says."""
    chosen = {"action": act, ANSWERED: "yes", ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows]}
    answer = browser.post(list_of(type(rows[0])), {**chosen, **typed}, follow=True)
    return "\n".join(str(message) for message in answer.context["messages"])
