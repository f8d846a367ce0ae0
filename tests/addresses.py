"""Where each page and form is, about things that are there."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern, get_resolver, reverse

from audit.authority import Authority
from content import purge
from content.models import EncryptedObject
from membership.access import Access
from servers.actions import rename_server
from servers.models import Server
from servers.models.invitation import CODE
from servers.models.invoice import Invoice
from servers.models.purchase import Purchase
from tests.factories import (
    AdministratorFactory,
    BlockFactory,
    BoughtFactory,
    DeletionOrderFactory,
    FormerMemberFactory,
    InvitationFactory,
    InvoiceFactory,
    JoinRequestFactory,
    ProcurementFactory,
    PurchaseFactory,
    RecoveryFactory,
    SubscriptionFactory,
    WithholdingFactory,
)
from tests.objects import store


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route with its name as `reverse` takes it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}", pattern
        else:
            yield from routes(pattern, f"{pattern.namespace}:" if pattern.namespace else prefix)


ROUTES = dict(routes())


class Things:
    """What pages and forms are about. Each is made when somebody asks for it."""

    def __init__(self, server: Server, oren: Authority, uma: Access) -> None:
        self.server, self.oren, self.uma = server, oren, uma

    @cached_property
    def order(self) -> UUID:
        return DeletionOrderFactory(server=self.server).pk

    @cached_property
    def asking(self) -> UUID:
        return JoinRequestFactory(server=self.server).pk

    @cached_property
    def purchase(self) -> Purchase:
        return PurchaseFactory(buyer=self.server.owner)

    @cached_property
    def paid(self) -> Purchase:
        return BoughtFactory(server=self.server)

    @cached_property
    def requested(self) -> Purchase:
        return ProcurementFactory(purchase__buyer=self.server.owner).purchase

    @cached_property
    def invoice(self) -> Invoice:
        return InvoiceFactory(subscription=SubscriptionFactory(purchase=self.paid))

    @cached_property
    def first_entry(self) -> int:
        rename_server(self.server, "Atelier North", by=self.oren)
        return 0

    @cached_property
    def stored(self) -> EncryptedObject:
        return store(self.uma)

    @cached_property
    def former(self) -> UUID:
        return FormerMemberFactory(server=self.server).pk

    @cached_property
    def blocked(self) -> UUID:
        return BlockFactory(server=self.server).pk

    @cached_property
    def withheld(self) -> UUID:
        return WithholdingFactory(server=self.server, kind="media").pk

    @cached_property
    def fellow(self) -> int:
        """Another administrator."""
        return AdministratorFactory(server=self.server).pk

    @cached_property
    def invited(self) -> tuple[UUID, str]:
        """An invitation, and the code that opens it."""
        code = CODE.make()
        return InvitationFactory(inviter=self.oren.warrant, code=code).pk, code

    @cached_property
    def lost(self) -> UUID:
        """An administrator there lost everything."""
        return RecoveryFactory(account=AdministratorFactory(server=self.server).account).pk

    @cached_property
    def coming_back(self) -> UUID:
        """Another one too, for whom Oren has vouched."""
        account = AdministratorFactory(server=self.server).account
        return RecoveryFactory(account=account, vouched_by=self.oren).pk

    def make_all(self) -> "Things":
        for name, made in vars(Things).items():
            if isinstance(made, cached_property):
                getattr(self, name)
        return self

    def address(self, route: str) -> str:
        if route == "receipt":
            purge.advance(self.order)
        needed = ROUTES[route].pattern.converters
        parts = {name: OWN.get((route, name), PARTS[name])(self) for name in needed}
        return reverse(route, kwargs=parts)


# What stands in an address, by the name of its place; `OWN` where a route is about something else.
PARTS: dict[str, Callable[[Things], Any]] = {
    "code": lambda things: things.invited[1],
    "invoice_id": lambda things: things.invoice.pk,
    "locator": lambda things: things.server.locator,
    "name": lambda things: "actor",
    "object_id": lambda things: things.stored.public_id,
    "pk": lambda things: things.order,
    "purchase_id": lambda things: things.paid.pk,
    "secret": lambda things: "A" * 43,
    "seq": lambda things: things.first_entry,
    "server_id": lambda things: things.server.pk,
    "subscription_id": lambda things: things.invoice.subscription_id,
    "token": lambda things: "of nobody",
}
OWN: dict[tuple[str, str], Callable[[Things], Any]] = {
    ("administrator-removal", "pk"): lambda things: things.fellow,
    ("approval", "pk"): lambda things: things.asking,
    ("block", "pk"): lambda things: things.former,
    ("block-lifting", "pk"): lambda things: things.blocked,
    ("invitation-refusal", "code"): lambda things: CODE.make(),
    ("invitation-withdrawal", "pk"): lambda things: things.invited[0],
    ("member", "pk"): lambda things: things.uma.membership.pk,
    ("member-removal", "pk"): lambda things: things.uma.membership.pk,
    ("ownership-offer", "pk"): lambda things: things.fellow,
    ("pay", "purchase_id"): lambda things: things.purchase.pk,
    ("procurement", "purchase_id"): lambda things: things.requested.pk,
    ("recovery-calling-off", "pk"): lambda things: things.coming_back,
    ("rejection", "pk"): lambda things: things.asking,
    ("release", "pk"): lambda things: things.withheld,
    ("vouch", "pk"): lambda things: things.lost,
}


@pytest.fixture
def address(listed: None, server: Server, oren: Authority, uma: Access) -> Callable[[str], str]:
    """The address of a route. Everything is there that any page is about."""
    return Things(server, oren, uma).make_all().address


@pytest.fixture
def lone_address(
    listed: None, server: Server, oren: Authority, uma: Access
) -> Callable[[str], str]:
    """The address of a route, about things that are there: no more of them than it needs."""
    return Things(server, oren, uma).address
