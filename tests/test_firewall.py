"""Paying never decides who may read or write, who is a member, or how long content lives.

Held three ways: by what may be imported, by which tables the product's queries touch, and by doing
the same on servers whose purchases and subscriptions are in every state there is.
"""

import json
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content import purge
from content.actions import order_deletion, remove_member
from content.models import EncryptedObject
from content.removal import Removal, Sent
from content.scope import Kind, Scope
from enigm_command.lib import clock
from enigm_command.lib.models import ThrottleBucket
from membership.actions import approve_join_request, reject_join_request
from membership.models import JoinRequest, Membership
from servers.models import Server
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from tests.app import App
from tests.browser import Browser
from tests.factories import (
    BoughtFactory,
    JoinRequestFactory,
    PurchaseFactory,
    SubscriptionFactory,
)
from tests.objects import LARGE, member_of, sealed, store
from tests.support import excused
from tests.test_architecture import PRODUCT, imported, modules, name_of

pytestmark = pytest.mark.requirement("R2")

ABOUT_SERVERS = {
    "administrator",
    "invitation",
    "policy",
    "server",
    "terms",
}  # modules of servers.models
COMMERCIAL = {"invoice", "payment", "procurement", "purchase", "subscription"}
MAY_KNOW = {  # who else reads what was bought, and why
    "enigm_command/demo/world.py",  # buys the demo's servers
    "enigm_command/panel/terms.py",  # prints what a buyer accepts, and what paying changes
    "enigm_command/register.py",  # lists what every table is for
    "enigm_command/retention.py",  # forgets what the law asks for no longer
    "lifecycle/commercial.py",  # announces the end of a server whose subscription has ended
    "lifecycle/creation.py",  # makes what was bought
    "lifecycle/tasks.py",  # is woken to do so
    "lifecycle/views/creation.py",  # shows the buyer how far it is
    "servers/admin.py",  # shows operators what was bought, and how it is paid
    "servers/closing.py",  # keeps a buyer's account until the purchase has ended
    "servers/forms.py",
    "servers/ownership.py",  # the responsibility that a buyer and a new owner accept is one text
    "servers/tasks.py",
    "servers/views/billing.py",
    "servers/views/buying.py",
    "servers/views/enterprise.py",
    "servers/views/invitations.py",  # shows that text
    "servers/views/ownership.py",  # and so does this
    "servers/views/payment_code.py",
    "servers/views/webhooks.py",
}
EVERY_STATE = [*product(Purchase.State, [None, *Subscription.State])]
NAMELESS = {Purchase.State.FULFILLED, Purchase.State.CANCELLED, Purchase.State.EXPIRED}


# --- what may be imported -------------------------------------------------------------------------
def is_commercial(module: str) -> bool:
    return module.startswith("servers.purchase") or any(
        module.startswith(f"servers.models.{name}") for name in COMMERCIAL
    )


def test_every_table_of_servers_is_about_servers_or_about_buying():
    of_servers = apps.get_app_config("servers").get_models()
    assert {model.__module__.split(".")[-1] for model in of_servers} == COMMERCIAL | ABOUT_SERVERS


def test_only_those_who_buy_create_and_announce_know_what_was_bought():
    knowing = {
        name_of(path)
        for app in PRODUCT
        for path in modules(app)
        if any(is_commercial(name) for name in imported(path))
    }
    own = ("servers/models/", "servers/purchase/")
    assert {name for name in knowing if not name.startswith(own)} == MAY_KNOW
    assert not [name for name in knowing if name.startswith(("membership/", "content/"))]


@pytest.mark.parametrize("app", ["membership", "content"])
def test_membership_and_content_reach_no_purchase_through_another_row(app):
    reaching = {
        name_of(path)
        for path in modules(app)
        if any(f"{word}" in path.read_text() for word in ("purchase", "subscription", "seats"))
    }
    assert not reaching


# --- which tables are touched ---------------------------------------------------------------------
def commercial_tables() -> set[str]:
    of_servers = apps.get_app_config("servers").get_models()
    return {
        model._meta.db_table
        for model in of_servers
        if model.__module__.split(".")[-1] in COMMERCIAL
    }


@pytest.mark.django_db
def test_no_query_of_membership_or_content_touches_what_was_bought(server, ada):
    SubscriptionFactory(purchase=BoughtFactory(server=server))
    browser, before = Browser().sign_in(ada.warrant.account), len(commercial_tables())
    assert before >= 7
    with CaptureQueriesContext(connection) as asked:
        told = live(server, ada)
        for page in ("content", "delete", "delete-review", "join-requests", "members", "orders"):
            assert browser.get(reverse(page, args=[server.pk])).status_code == 200
    assert told
    assert len(asked) > 100
    touched = [
        query["sql"]
        for query in asked
        if any(f'"{table}"' in query["sql"] for table in commercial_tables())
    ]
    assert not touched


# --- the same in every state ----------------------------------------------------------------------
def put_into(server: Server, bought: str, paying: str | None) -> None:
    """Make what the owner bought, and how they pay for it, be in these states."""
    with excused():
        Subscription.objects.filter(purchase__buyer=server.owner).delete()
        Purchase.objects.filter(buyer=server.owner).delete()
    now = clock.now()
    shape: dict[str, Any] = {"buyer": server.owner, "state": bought, "plan__people": 50, "seats": 1}
    if bought in NAMELESS:
        shape |= {"name": None, "ended_at": now}
    if bought in (Purchase.State.PAID, Purchase.State.FULFILLED):
        shape |= {"paid_at": now}
    if bought == Purchase.State.FULFILLED:
        shape |= {"server": server}
    purchase = PurchaseFactory(**shape)
    if paying:
        SubscriptionFactory(purchase=purchase, state=paying, seats=1)


def shown(answer: Any) -> tuple[int, Any]:
    """An answer, without the cursor of a list: that follows the clock."""
    if answer.headers["Content-Type"].startswith("application/json"):
        return answer.status_code, {**answer.json(), "after": None}
    return answer.status_code, b"".join(answer)


@pytest.mark.django_db
def test_no_state_of_buying_changes_an_answer_of_the_app_api(server):
    uma = member_of(server, "uma")
    first, large = store(uma), store(uma, sealed(size=LARGE), kind="media")
    phone, other, base = App("uma"), App("lena"), f"/api/v1/servers/{server.locator}"
    other.ask(server.locator)

    def answers() -> list[tuple[int, Any]]:
        return [
            shown(phone.get(f"{base}/objects")),
            shown(phone.get(f"{base}/objects/{first.public_id}")),
            shown(phone.get(f"{base}/objects/{large.public_id}")),
            shown(phone.get(f"{base}/access")),
            shown(phone.get(f"{base}/checkpoint")),
            shown(other.get(f"{base}/objects")),
            shown(other.get(f"{base}/access")),
            shown(other.get(f"/api/v1/join-requests/{other.secret}")),
            shown(other.ask(server.locator)),
        ]

    unbought = answers()
    assert [status for status, _ in unbought[:5]] == [200] * 5
    for bought, paying in EVERY_STATE:
        put_into(server, bought, paying)
        ThrottleBucket.objects.all().delete()  # how often one may ask is not the question
        assert answers() == unbought, (bought, paying)


def live(server: Server, ada: Any) -> dict[str, Any]:
    """A day on a server: asked, approved, stored, read, deleted, removed; what came of each."""
    lena, uma = App("lena"), App("uma")
    asked = [app.ask(server.locator).status_code for app in (lena, uma, App("zoe"))]
    waiting = JoinRequest.objects.waiting().filter(server=server).order_by("asked_at")
    for join_request in waiting[:2]:
        approve_join_request(join_request, by=ada)
    reject_join_request(waiting.get(), by=ada)
    objects = f"/api/v1/servers/{server.locator}/objects"
    sent = [send(app, objects, kind) for app in (lena, uma) for kind in ("message", "media")]
    stored = EncryptedObject.objects.filter(server_id=server.pk)
    lives = {row.expires_at - row.authored_at for row in stored}
    read = [app.get(objects).status_code for app in (lena, uma)]
    order = order_deletion(server, Scope(kind=Kind.MEDIA), order_id=uuid4(), by=ada)
    left = len(uma.get(objects).json()["objects"])
    purge.advance(order.pk)
    own = [uma.delete(f"{objects}/{sent[2][1]}").status_code, sorted(mine(uma, objects))]
    remove_member(
        Membership.objects.filter(server=server).first(), Removal(sent=Sent.DELETE), by=ada
    )
    after = sorted(app.get(objects).status_code for app in (lena, uma))
    return {
        "asked": asked,
        "members": Membership.objects.filter(server=server).count(),
        "sent": [status for status, _ in sent],
        "lives": lives,
        "read": read,
        "left": left,
        "own": own,
        "after": after,
        "in storage": stored.filter(kind="media").count(),
    }


def mine(app: App, objects: str) -> Any:
    """Delete all of one's own; the answer."""
    return app.delete(f"{objects}?mine").json()


def send(app: App, objects: str, kind: str) -> tuple[int, str]:
    """Store one object written just now; the status, and its id."""
    written = clock.now().replace(microsecond=0).isoformat()
    answer = app.post(
        objects,
        sealed(),
        content_type="application/octet-stream",
        headers={"Enigm-Kind": kind, "Enigm-Authored-At": written},
    )
    return answer.status_code, json.loads(answer.content).get("id", "")


A_DAY = {
    "asked": [202, 202, 202],
    "members": 1,
    "sent": [201, 201, 201, 201],
    "lives": {timedelta(days=30)},
    "read": [200, 200],
    "left": 2,
    "own": [204, ["deleted_up_to"]],
    "after": [200, 403],
    "in storage": 0,
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bought", "paying"),
    [(None, None), *product(Purchase.State, [None]), *product(["fulfilled"], Subscription.State)],
)
def test_a_day_on_a_server_is_the_same_in_every_state_of_buying(server, oren, bought, paying):
    if bought:
        put_into(server, bought, paying)

    assert live(server, oren) == A_DAY


@pytest.mark.django_db
@pytest.mark.parametrize("paying", Subscription.State)
def test_more_people_than_were_paid_for_can_be_approved(server, ada, paying):
    put_into(server, Purchase.State.FULFILLED, paying)
    assert Subscription.objects.get(purchase__server=server).seats == 1
    for _ in range(3):
        approve_join_request(JoinRequestFactory(server=server), by=ada)
    assert Membership.objects.filter(server=server).count() == 3
