"""Paying by invoice: an operator approves, the server is created, the bank transfer follows."""

from servers.models.invoice import Invoice
from servers.models.payment import Refund
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase.payments import a_month_after


class InvoiceProvider:
    """Charges by an invoice for each month. Whether one is paid, an operator records."""

    name = "invoice"
    notice = ""
    button = "Request a quote"
    pays_here = False
    by_request = True

    def start(self, purchase: Purchase) -> str:
        return f"invoice-{purchase.pk}"

    def door(self, purchase: Purchase) -> str:
        return ""

    def pay(self, purchase: Purchase) -> bool:
        return False  # an operator's approval moves it on, never the buyer's press

    def renew(self, subscription: Subscription) -> None:
        """The next month's invoice, once the one before it is paid."""
        if not Invoice.objects.unpaid().filter(subscription=subscription).exists():
            issue_next(subscription)

    def tell(self, subscription: Subscription) -> None:
        """The next invoice reads the subscription itself."""

    def refund(self, refund: Refund) -> None:
        """An invoice is never paid by an event, so nothing can be owed back."""

    def portal(self, subscription: Subscription) -> str:
        return ""


def issue_next(subscription: Subscription) -> Invoice:
    """The invoice of the month after the period that is charged; that month then counts as paid
    until its invoice is overdue.
    """
    begin = subscription.period_end
    end = a_month_after(begin)
    period = f"{begin:%Y-%m-%d}"
    invoice = Invoice.objects.issue(subscription, period, period_begin=begin, period_end=end)
    Subscription.objects.renew(subscription.pk, period_end=end, at=subscription.told_at)
    return invoice
