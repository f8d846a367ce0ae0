"""What is kept of buying and paying. It decides about nobody's membership and content."""

from audit.vocabulary import Action
from enigm_command.lib.records import (
    FOR_GOOD,
    LEASE,
    Lifetime,
    Reader,
    Record,
    billing,
    count,
    keyed_hash,
    operational,
    person,
    sealed,
)
from enigm_command.lib.wording import span
from servers.models.books import YEARS_KEPT
from servers.models.invoice import Invoice
from servers.models.payment import EVENTS_KEPT, PaymentEvent, Refund
from servers.models.procurement import Procurement
from servers.models.purchase import FRUITLESS_KEPT, Plan, Purchase
from servers.models.subscription import Subscription
from servers.records import RETENTION

BUYER = (Reader.HOLDER, Reader.OPERATORS)
CHARGED = (Reader.OWNER, Reader.OPERATORS, Reader.PROVIDER)

BOOKED = Lifetime(f"{YEARS_KEPT} years after the end of its year, as the law asks", (RETENTION,))
BOUGHT = Lifetime(
    f"as long as its invoices, or {span(FRUITLESS_KEPT)} if nothing came of it", (RETENTION,)
)
WANTED = Lifetime(
    "until the server is created or the purchase ends",
    (Action.SERVER_CREATED, "servers.stale_purchases"),
)

PRICE = {
    "total_cents": billing("what it costs"),
    "tax_cents": billing("how much of it is tax"),
    "tax_label": billing("which tax"),
    "currency": billing("in which currency"),
}

RECORDS = (
    Record(
        Plan,
        "The price list",
        (Reader.EVERYONE,),
        FOR_GOOD,
        {
            "code": operational("names the plan"),
            "label": operational("what it is called"),
            "customer": operational("for whom it is"),
            "position": operational("where it stands in the list"),
            "unit_cents": operational("what it costs"),
            "per_person": operational("whether that is for each person"),
            "people": count("for how many people it is meant"),
            "currency": operational("in which currency"),
        },
    ),
    Record(
        Purchase,
        "Purchases",
        BUYER,
        BOUGHT,
        {
            "id": operational("names the purchase"),
            "buyer": person("who bought"),
            "idempotency_key": operational("makes two clicks one purchase"),
            "customer": billing("what kind of customer"),
            "plan": billing("which plan"),
            "region": billing("where the server is to be"),
            "name": sealed("what the server is to be called", kept=WANTED),
            "seats": billing("for how many people"),
            "runs": billing("who is to run it"),
            **PRICE,
            "terms_version": billing("which terms were shown"),
            "state": billing("how far it is"),
            "provider": billing("how it is paid"),
            "reference": billing("its name at the provider", CHARGED),
            "server": billing("which server came of it"),
            "made_at": billing("when it was begun"),
            "paid_at": billing("when it was paid"),
            "ended_at": billing("when it was fulfilled or ended"),
            "payment_code": keyed_hash("recognises the code that stops the payments"),
            "stopped_at": billing("that its buyer wants to pay no more"),
        },
        of_server="server",
    ),
    Record(
        Procurement,
        "Requests to buy by purchase order",
        BUYER,
        BOUGHT,
        {
            "id": operational("names the request"),
            "purchase": operational("for which purchase"),
            "order_number": sealed("stands on the invoices"),
            "contact": sealed("stands on the invoices"),
            "asked_at": billing("when it was handed in"),
            "decision": billing("how an operator answered"),
            "decided_at": billing("when"),
            "answer": sealed("why it was declined"),
        },
        of_server="purchase__server",
    ),
    Record(
        Subscription,
        "Subscriptions",
        CHARGED,
        BOOKED,
        {
            "id": operational("names the subscription"),
            "purchase": operational("of which purchase"),
            "state": billing("whether it is paid"),
            "plan": billing("which plan"),
            "seats": billing("for how many people"),
            **PRICE,
            "reference": billing("its name at the provider"),
            "period_end": billing("until when it is paid"),
            "told_at": billing("when the provider last said so"),
            "begun_at": billing("when it began"),
            "stopped_at": billing("that it was cancelled"),
            "closed_at": billing("that it has ended"),
            "revision": operational("what the provider is to be told"),
            "told_revision": operational("what it has been told"),
            **LEASE,
        },
        of_server="purchase__server",
    ),
    Record(
        Invoice,
        "Invoices",
        (Reader.OWNER, Reader.OPERATORS),
        BOOKED,
        {
            "id": operational("names the row"),
            "number": billing("its number"),
            "subscription": operational("of which subscription"),
            "reference": billing("its name at the provider"),
            "plan_label": billing("which plan"),
            "seats": billing("for how many people"),
            **PRICE,
            "period_begin": billing("from when"),
            "period_end": billing("until when"),
            "issued_at": billing("when it was written"),
            "paid_at": billing("when it was paid"),
            "refunded_cents": billing("how much was given back"),
            "refunded_at": billing("when"),
        },
        of_server="subscription__purchase__server",
    ),
    Record(
        PaymentEvent,
        "What payment providers told us",
        (Reader.PROGRAM,),
        Lifetime(span(EVENTS_KEPT), (RETENTION,)),
        {
            "id": operational("names the row"),
            "provider": operational("who told it"),
            "event_id": operational("keeps it from having two effects"),
            "purchase": operational("about which purchase"),
            "at": operational("when"),
        },
        of_server="purchase__server",
    ),
    Record(
        Refund,
        "Money that has to go back",
        (Reader.OPERATORS, Reader.PROVIDER),
        BOOKED,
        {
            "id": operational("names the row"),
            "purchase": operational("of which purchase"),
            "reference": billing("the payment's name at the provider"),
            "cents": billing("how much"),
            "currency": billing("in which currency"),
            "reason": billing("why it buys nothing"),
            "owed_at": billing("since when it is owed"),
            "refunded_at": billing("when it went back"),
            **LEASE,
        },
        of_server="purchase__server",
    ),
)
