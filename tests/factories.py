"""Rows, made without acts: each factory excuses its own transaction from the rule of the log."""

import hashlib
import secrets
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import factory
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import usernames
from accounts.models import (
    Account,
    EncryptedTOTPDevice,
    Operator,
    Passkey,
    Proposal,
    Recovery,
)
from accounts.recovery import DELAY, KEY, SPOKEN, VOUCHING, digest_of, propose
from content.models import DeletionOrder, Device, Gate, Withholding
from content.scope import Scope
from enigm_command.lib import clock, locator, vault
from lifecycle.models import (
    Hold,
    Party,
    Reason,
    Restriction,
    Retirement,
    ServerDeletion,
    Suspension,
)
from membership import compare, handles
from membership.models import Block, FormerMember, JoinRequest, Membership
from servers.models import (
    Administrator,
    Invitation,
    PolicyVersion,
    Region,
    Server,
    Standing,
)
from servers.models.invitation import CODE, LASTS
from servers.models.invitation import digest_of as invitation_digest
from servers.models.invoice import Invoice
from servers.models.procurement import Procurement
from servers.models.purchase import Customer, Plan, Purchase
from servers.models.subscription import Subscription
from tests.support import excuse_this_transaction, excused

PASSWORD = "four unrelated words walk in"


class RowFactory(factory.django.DjangoModelFactory):
    """The base of them all."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic(savepoint=False):  # a test is a transaction of its own
            excuse_this_transaction()
            return super()._create(model_class, *args, **kwargs)


@cache
def _password_hash() -> str:
    """Made once: a good hash is slow on purpose."""
    return make_password(PASSWORD)


class AccountFactory(RowFactory):
    """Somebody who may sign in with PASSWORD, and has no second factor yet."""

    class Meta:
        model = Account

    username = factory.Sequence("account{}".format)
    canonical = factory.LazyAttribute(lambda account: usernames.canonical(account.username))
    password = factory.LazyFunction(_password_hash)


class AuthenticatorFactory(RowFactory):
    """An authenticator app in use; `tests.codes` reads codes from it."""

    class Meta:
        model = EncryptedTOTPDevice

    user = factory.SubFactory(AccountFactory)


class PasskeyFactory(RowFactory):
    """A passkey in use; one that also signs is made by `tests.security_key`."""

    class Meta:
        model = Passkey

    user = factory.SubFactory(AccountFactory)
    name = "Passkey"
    credential_id = factory.LazyFunction(lambda: secrets.token_bytes(32))
    public_key = b"no key"


class OperatorFactory(RowFactory):
    """Somebody who runs the platform."""

    class Meta:
        model = Operator

    account = factory.SubFactory(AccountFactory)


class ServerFactory(RowFactory):
    """A server as a creation leaves it: key, policy, gate, and its owner as administrator."""

    class Meta:
        model = Server
        skip_postgeneration_save = True

    standing = Standing.ACTIVE
    name = factory.LazyAttribute(
        lambda row: None if row.standing == Standing.DELETED else "Atelier North"
    )
    region = Region.EUROPE
    locator = factory.LazyFunction(locator.make)
    owner = factory.SubFactory("tests.factories.AccountFactory")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Server:
        id = kwargs.setdefault("id", uuid4())
        vault.make_key(id)
        server: Server = super()._create(model_class, *args, **kwargs)
        AdministratorFactory(server=server, account=server.owner)
        PolicyVersionFactory(server=server)
        Gate.objects.open(server.pk)
        return server


class AdministratorFactory(RowFactory):
    class Meta:
        model = Administrator

    server = factory.SubFactory(ServerFactory)
    account = factory.SubFactory("tests.factories.AccountFactory")


class InvitationFactory(RowFactory):
    """An open invitation, from somebody who administers the server. `code` opens it."""

    class Meta:
        model = Invitation

    class Params:
        code = factory.LazyFunction(CODE.make)

    inviter = factory.SubFactory(AdministratorFactory)
    server = factory.SelfAttribute("inviter.server")
    capacity = Invitation.Capacity.ADMINISTRATOR
    label = "Kim of accounting"
    code_digest = factory.LazyAttribute(lambda row: invitation_digest(row.code))
    ends_at = factory.LazyFunction(lambda: clock.now() + LASTS)


class RecoveryFactory(RowFactory):
    """Somebody's recovery, begun. With `vouched_by` and `ago`, vouched for that long ago."""

    class Meta:
        model = Recovery

    class Params:
        key = factory.LazyFunction(KEY.make)
        spoken = factory.LazyFunction(SPOKEN.make)

    account = factory.SubFactory(AccountFactory)
    key_digest = factory.LazyAttribute(lambda row: digest_of(KEY, row.key))
    spoken_digest = factory.LazyAttribute(lambda row: digest_of(SPOKEN, row.spoken))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Recovery:
        by, ago = kwargs.pop("vouched_by", None), kwargs.pop("ago", timedelta(0))
        row: Recovery = model_class(**kwargs)
        if by:
            asked, about = propose(row, by.server_id), str(row.pk)
            row.proposal = Proposal.objects.agree(asked.pk, by.warrant.account, VOUCHING, about)
            row.server_id, row.vouched_at = by.server_id, clock.now() - ago
            row.due_at = row.vouched_at + DELAY
        row.save(force_insert=True)
        return row


class PolicyVersionFactory(RowFactory):
    """The next version of a server's policy."""

    class Meta:
        model = PolicyVersion

    server = factory.SubFactory(ServerFactory)
    number = factory.LazyAttribute(lambda version: version.server.policy_versions.count() + 1)


class PlanFactory(RowFactory):
    """Plans come with the migrations; a test that empties tables takes them along."""

    class Meta:
        model = Plan
        django_get_or_create = ("code",)

    code = "team"
    label = "Team"
    customer = Customer.TEAM
    position = 1
    unit_cents = 600
    per_person = True
    people = 50


class PurchaseFactory(RowFactory):
    """A purchase that waits for its payment."""

    class Meta:
        model = Purchase

    buyer = factory.SubFactory("tests.factories.AccountFactory")
    idempotency_key = factory.LazyFunction(uuid4)
    plan = factory.SubFactory(PlanFactory)
    customer = factory.LazyAttribute(lambda purchase: purchase.plan.customer)
    region = Region.EUROPE
    name = "Atelier North"
    seats = 26
    total_cents = 15600
    currency = "EUR"
    terms_version = "2026-11"
    state = Purchase.State.AWAITING_PAYMENT
    provider = "test"
    reference = factory.LazyFunction(lambda: f"test-{uuid4()}")


class BoughtFactory(PurchaseFactory):
    """The purchase that a server came from. `server` is to be given."""

    buyer = factory.LazyAttribute(lambda purchase: purchase.server.owner)
    state = Purchase.State.FULFILLED
    name = None
    paid_at = factory.LazyFunction(clock.now)
    ended_at = factory.LazyFunction(clock.now)


class SubscriptionFactory(RowFactory):
    """Paid for another three weeks. `purchase` may be a server's or one that is just paid."""

    class Meta:
        model = Subscription

    purchase = factory.SubFactory(
        PurchaseFactory, state=Purchase.State.PAID, paid_at=factory.LazyFunction(clock.now)
    )
    plan = factory.SelfAttribute("purchase.plan")
    seats = factory.SelfAttribute("purchase.seats")
    total_cents = factory.SelfAttribute("purchase.total_cents")
    tax_cents = factory.SelfAttribute("purchase.tax_cents")
    tax_label = "No tax added"
    currency = "EUR"
    reference = factory.SelfAttribute("purchase.reference")
    period_end = factory.LazyFunction(lambda: clock.now() + timedelta(days=21))
    told_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=9))
    closed_at = factory.LazyAttribute(lambda row: row.told_at if row.is_closed else None)

    class Params:
        is_closed = factory.LazyAttribute(lambda row: row.state == Subscription.State.CLOSED)

    state = Subscription.State.PAID


class InvoiceFactory(RowFactory):
    """An invoice that waits for its money."""

    class Meta:
        model = Invoice

    subscription = factory.SubFactory(SubscriptionFactory)
    number = factory.LazyAttribute(lambda row: Invoice.objects.count() + 1)
    reference = factory.Sequence("month {}".format)
    plan_label = "Team"
    seats = 26
    total_cents = 15600
    tax_cents = 0
    tax_label = "No tax added"
    currency = "EUR"
    period_begin = factory.LazyAttribute(lambda row: row.subscription.period_end)
    period_end = factory.LazyAttribute(lambda row: row.period_begin + timedelta(days=30))


class ProcurementFactory(RowFactory):
    """A request by purchase order that waits for an operator's answer."""

    class Meta:
        model = Procurement

    purchase = factory.SubFactory(
        PurchaseFactory,
        plan=factory.SubFactory(
            PlanFactory,
            code="enterprise",
            label="Enterprise",
            customer=Customer.ENTERPRISE,
            unit_cents=None,
            people=1_000_000,
        ),
        seats=400,
        total_cents=0,
        state=Purchase.State.AWAITING_APPROVAL,
        provider="invoice",
        reference=factory.LazyFunction(lambda: f"invoice-{uuid4()}"),
    )
    order_number = "PO-2026-118"
    contact = "R. Okafor, orders@example.org"


class JoinRequestFactory(RowFactory):
    """Somebody waits for an answer. `subject` is who, as the identity service knows them."""

    class Meta:
        model = JoinRequest

    class Params:
        subject = factory.Sequence("subject{}".format)

    server = factory.SubFactory(ServerFactory)
    handle = factory.LazyAttribute(lambda row: handles.member_handle(row.server.pk, row.subject))
    secret_hash = factory.LazyFunction(lambda: hashlib.sha256(secrets.token_bytes(32)).digest())
    display_name = "Lena Hoff"
    note = "Starting Monday on the print desk"
    compare_code = factory.LazyAttribute(
        lambda row: compare.code(f"key of {row.subject}", row.server.locator)
    )


class MembershipFactory(RowFactory):
    """Somebody was admitted. `subject` is who, as the identity service knows them."""

    class Meta:
        model = Membership

    class Params:
        subject = factory.Sequence("subject{}".format)

    server = factory.SubFactory(ServerFactory)
    handle = factory.LazyAttribute(lambda row: handles.member_handle(row.server.pk, row.subject))
    display_name = "Uma"


class FormerMemberFactory(RowFactory):
    """Somebody was a member until now. `subject` is who, as the identity service knows them."""

    class Meta:
        model = FormerMember

    class Params:
        subject = factory.Sequence("subject{}".format)

    server = factory.SubFactory(ServerFactory)
    handle = factory.LazyAttribute(lambda row: handles.member_handle(row.server.pk, row.subject))


class BlockFactory(RowFactory):
    """Somebody may never ask again. `subject` is who, as the identity service knows them."""

    class Meta:
        model = Block

    class Params:
        subject = factory.Sequence("subject{}".format)

    server = factory.SubFactory(ServerFactory)
    handle = factory.LazyAttribute(lambda row: handles.member_handle(row.server.pk, row.subject))
    reason = ""


class DeletionOrderFactory(RowFactory):
    """An order as placing it leaves it: dark, and nothing purged. Without a scope, everything."""

    class Meta:
        model = DeletionOrder

    server = factory.SubFactory(ServerFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> DeletionOrder:
        server, said = kwargs.pop("server"), ("order_id", "cutoff_at", "previewed")
        placed = {name: kwargs.pop(name) for name in said if name in kwargs}
        with excused():
            return DeletionOrder.objects.place(server.pk, Scope(**kwargs), **placed)


class WithholdingFactory(RowFactory):
    """A withholding in force, of which the devices were told. Without a scope, of everything."""

    class Meta:
        model = Withholding

    server = factory.SubFactory(ServerFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Withholding:
        server, said = kwargs.pop("server"), ("ends_at", "reason")
        placed = {name: kwargs.pop(name) for name in said if name in kwargs}
        with excused():
            return Withholding.objects.place(server.pk, Scope(**kwargs), **placed)


class DeviceFactory(RowFactory):
    """A device that was in contact this week and has done nothing of what it was told."""

    class Meta:
        model = Device

    server_id = factory.LazyFunction(uuid4)
    handle = factory.LazyFunction(uuid4)
    member = factory.LazyFunction(uuid4)
    week = factory.LazyFunction(lambda: monday(clock.now().date()))


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


class RecordFactory(RowFactory):
    """What restrains or ends a server; the server's standing is not settled by it."""

    class Meta:
        abstract = True

    server = factory.SubFactory(ServerFactory)
    party = Party.SERVER
    code = factory.LazyAttribute(lambda row: Reason.HARM if row.party == Party.PLATFORM else "")


class RestrictionFactory(RecordFactory):
    """A restriction in force."""

    class Meta:
        model = Restriction

    party = Party.PLATFORM


class SuspensionFactory(RecordFactory):
    """A suspension in force."""

    class Meta:
        model = Suspension


class RetirementFactory(RecordFactory):
    """A retirement that has begun. With `dry_at` None and a later `begins_at`, one announced."""

    class Meta:
        model = Retirement

    begins_at = factory.LazyFunction(clock.now)
    dry_at = factory.LazyAttribute(lambda row: row.begins_at + timedelta(days=30))


class HoldFactory(RowFactory):
    """A hold in force; the server's gate is not settled by it."""

    class Meta:
        model = Hold

    server = factory.SubFactory(ServerFactory)
    category = Hold.Category.LEGAL
    reason = "A claim is being heard."
    reference = "case 118"
    until = factory.LazyFunction(lambda: clock.now() + timedelta(days=60))


class ServerDeletionFactory(RecordFactory):
    """A deletion whose clock still runs."""

    class Meta:
        model = ServerDeletion

    due_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=72))
