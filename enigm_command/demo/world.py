"""A small world to try the panel with: two owners, two servers, people, and what they sent.

Everything comes about by the product's own acts and intake, so that the logs say what was done and
by whom. Only the workers are not waited for: their work is done here and now.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pyrage
from django.db import connection, transaction

from accounts.factors import EncryptedTOTPDevice, grouped
from accounts.models import Account
from audit.authority import Authority
from content import intake, purge
from content.actions import order_deletion
from content.arrival import Arrival
from content.lifetimes import LONGEST
from content.scope import Kind, Scope
from content.tasks import recount
from enigm_command.devstack import issuer
from enigm_command.lib import clock
from lifecycle.tasks import create
from membership import access, desk, tokens
from membership.actions import approve_join_request, reject_join_request
from membership.handles import member_handle
from membership.models import JoinRequest
from servers.edge import authority_of
from servers.models import Region, Server
from servers.models.purchase import Plan
from servers.purchase import checkout
from servers.purchase.providers.moneyless import MoneylessProvider

from .wire import wait_for

OWNERS = {"oren": "Atelier North, in Europe", "ada": "Harbour Works, in Asia"}
MEMBERS = {
    "lena": "Lena Hoff",
    "mikael": "Mikael Okafor",
    "sanna": "Sanna Virtanen",
    "tomas": "Tomas Rehak",
    "ines": "Ines Duarte",
}
WAITING = {
    "priya": ("Priya Nair", "I start on Monday in the drawing office. Oren knows me."),
    "jonas": ("Jonas Beck", "Model maker, third floor."),
    "nobody": ("", ""),
}
OBJECTS = 60
OLDEST = LONGEST - timedelta(hours=10)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in as an owner of this world. Nobody can read it again once it was shown."""

    username: str
    password: str
    seed: str
    address: str


@transaction.atomic
def make_owners() -> list[SignIn]:
    """The two accounts, with their second factors set up; or neither of them."""
    return [_sign_in(username) for username in OWNERS]


def make_servers() -> None:
    """Their servers: Atelier North is full of life, Harbour Works has just been bought."""
    oren, ada = (Account.objects.get(canonical=username) for username in OWNERS)
    _fill(*_bought(oren, "Atelier North", Region.EUROPE))
    _bought(ada, "Harbour Works", Region.ASIA)
    _count()


def renew_passwords() -> list[SignIn]:
    """New passwords for the owners of this world, as far as they are there."""
    devices = EncryptedTOTPDevice.objects.filter(confirmed=True, user__canonical__in=OWNERS)
    return [_renewed(device) for device in devices.select_related("user").order_by("made_at")]


def _sign_in(username: str) -> SignIn:
    password = secrets.token_urlsafe(12)
    device = EncryptedTOTPDevice.objects.begin(Account.objects.create_user(username, password))
    device.confirm()
    return SignIn(username, password, grouped(device.seed), device.address)


def _renewed(device: EncryptedTOTPDevice) -> SignIn:
    password = secrets.token_urlsafe(12)
    device.user.set_password(password)
    device.user.save(update_fields=["password"])
    return SignIn(device.user.username, password, grouped(device.seed), device.address)


def _bought(owner: Account, name: str, region: Region) -> tuple[Server, Authority]:
    """A server as its owner buys it, paid by the test provider; and its owner's power."""
    choices = checkout.Choices(Plan.objects.get(code="team"), region, name, seats=12)
    provider = MoneylessProvider()
    purchase = checkout.place(owner, choices, key=uuid4(), provider=provider)
    provider.pay(purchase)
    create(str(purchase.pk))  # unless a worker was quicker
    server = wait_for("the server", Server.objects.filter(purchase=purchase).first)
    return server, authority_of(server.administrators.get(account=owner), owner.username)


def _fill(server: Server, by: Authority) -> None:
    for subject, name in MEMBERS.items():
        _ask(server, subject, name)
    for join_request in JoinRequest.objects.of(server).waiting().order_by("asked_at"):
        approve_join_request(join_request, by=by)
    _ask(server, "stranger", "A. Nonymous", "hello please let me in")
    reject_join_request(JoinRequest.objects.of(server).waiting().get(), by=by)
    for subject, told in WAITING.items():
        _ask(server, subject, *told)
    for number in range(OBJECTS):
        _send(server, number)
    _delete(server, Scope(author=member_handle(server.pk, "tomas"), kind=Kind.MEDIA), by)


def _ask(server: Server, subject: str, name: str, note: str = "") -> None:
    wish = desk.Wish(secrets.token_bytes(32), name, note)
    desk.receive(_token(subject), server.locator or "", wish)


def _send(server: Server, number: int) -> None:
    """One sealed object: every fourth is media, and the older the fewer."""
    token = _token(list(MEMBERS)[number % len(MEMBERS)])
    kind = Kind.MESSAGE if number % 4 else Kind.MEDIA
    age = OLDEST * (number / (OBJECTS - 1)) ** 2
    body = _sealed(200 + 90 * number if kind == Kind.MESSAGE else 20_000 + 5_000 * number)
    offer = intake.Offer(kind=kind, authored_at=clock.now() - age, lasting=LONGEST)
    arrival = Arrival(BytesIO(body), len(body))
    intake.store(
        offer, arrival, lambda: access.admit(token, server.locator or "", access.Purpose.STORE)
    )


def _sealed(size: int) -> bytes:
    """An age file that nobody can open: its key is thrown away."""
    nobody = pyrage.x25519.Identity.generate().to_public()
    sealed: bytes = pyrage.encrypt(secrets.token_bytes(size), [nobody])
    return sealed


def _delete(server: Server, scope: Scope, by: Authority) -> None:
    order = order_deletion(server, scope, order_id=uuid4(), by=by)
    purge.advance(order.pk)


def _token(subject: str) -> tokens.AppToken:
    return tokens.read(issuer.issue(subject))


def _count() -> None:
    """Fill the overview. Which days changed is known once this session has told of its work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    recount()
