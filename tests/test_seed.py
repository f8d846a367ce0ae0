"""The demo world: made once, by the product's own acts, for whoever was shown its sign-ins."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Account
from content import envelope
from content.models import EncryptedObject, Receipt
from membership.models import JoinRequest, Membership
from servers.models import Server
from tests.browser import Browser
from tests.factories import AccountFactory, PlanFactory
from tests.support import actions_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def development(settings):
    settings.DEBUG = True
    PlanFactory()


def said_by(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def seeded(development):
    return said_by("seed")


def password_of(username, shown):
    return re.search(rf"{username}, owner.*?password\s+(\S+)", shown, re.DOTALL)[1]


def server_of(username):
    return Server.objects.get(owner__canonical=username)


@pytest.mark.requirement("R5", "R8", "R9", "R16", "R17")
def test_it_came_about_by_the_products_own_acts(seeded):
    full, new = server_of("oren"), server_of("ada")

    assert (full.name, full.region) == ("Atelier North", "europe")
    assert (new.name, new.region) == ("Harbour Works", "asia")
    assert actions_of(new) == ["server.created"]
    assert actions_of(full) == [
        "server.created",
        *["join_request.approved"] * 5,
        "join_request.rejected",
        "deletion.ordered",
        "deletion.completed",
    ]
    people_are_in_and_others_wait(full)
    sealed_objects_go_on_many_days(full)


def people_are_in_and_others_wait(server):
    waiting = JoinRequest.objects.of(server).waiting().order_by("asked_at")
    assert [each.shown_name for each in waiting] == ["Priya Nair", "Jonas Beck", "(no name)"]
    assert Membership.objects.of(server).count() == 5


def sealed_objects_go_on_many_days(server):
    stored = EncryptedObject.objects.filter(server_id=server.pk)
    for body in stored.filter(body__isnull=False).values_list("body", flat=True):
        envelope.check(bytes(body), len(body))
    assert {each.kind for each in stored.counted_by_kind()} == {"media", "message"}
    assert len(set(stored.values_list("expires_on", flat=True))) > 20
    assert Receipt.objects.get(server_id=server.pk).said["removed"]["objects"] > 0


def test_whoever_is_shown_its_sign_ins_can_sign_in(seeded):
    for username in ("oren", "ada"):
        password = password_of(username, seeded)
        code = said_by("totp", username).strip()
        browser = Browser()

        browser.post(reverse("sign-in"), {"username": username, "password": password})
        browser.post(reverse("sign-in-code"), {"code": code})

        page = browser.get(reverse("servers")).content.decode()
        assert server_of(username).name in page


def test_a_second_run_changes_nothing(seeded):
    assert "seed kept" in said_by("seed")
    assert Account.objects.count() == Server.objects.count() == 2


def test_lost_passwords_can_be_replaced(seeded):
    account = Account.objects.get(canonical="oren")
    assert account.check_password(password_of("oren", seeded))

    shown = said_by("seed", "--new-passwords")

    account.refresh_from_db()
    assert account.check_password(password_of("oren", shown))
    assert not account.check_password(password_of("oren", seeded))


def test_where_there_is_no_demo_world_no_password_is_replaced(development):
    AccountFactory()

    with pytest.raises(CommandError, match="There is no demo world here"):
        said_by("seed", "--new-passwords")


def test_where_there_are_accounts_nothing_is_added(development):
    AccountFactory()

    assert "seed kept" in said_by("seed")
    assert not Server.objects.exists()


@pytest.mark.parametrize("command", [["seed"], ["seed", "--new-passwords"], ["totp", "oren"]])
def test_outside_development_it_is_refused(command):
    with pytest.raises(CommandError, match="DEBUG is off"):
        said_by(*command)

    assert not Account.objects.exists()


def test_codes_are_only_shown_for_accounts_that_have_an_authenticator(development):
    AccountFactory(username="oren")

    with pytest.raises(CommandError, match="no account oren that has"):
        said_by("totp", "oren")
