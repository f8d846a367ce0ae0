"""What operators see of sales and settings: prices, requests, purchases, invoices, bounds.

What customers typed stays sealed, but for a request that is addressed to the operators.
"""

from operator import attrgetter
from typing import Any

from django.contrib.admin import EmptyFieldListFilter, ModelAdmin, display
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest

from accounts.operators_acts import act_page
from accounts.operators_site import Page, ReadOnly, authority_of_operator
from audit.actions import note_view
from audit.authority import Authority
from servers.models import Server
from servers.models.invoice import Invoice
from servers.models.procurement import Procurement, ProcurementDecided
from servers.models.purchase import Plan, Purchase
from servers.models.subscription import Subscription
from servers.operator_forms import ApprovalForm, DeclineForm, PlanForm
from servers.purchase import actions, pricing
from servers.views import platform_log, policy_bounds

DECIDED = {ProcurementDecided: "somebody answered first, or it has ended."}


class Sales(ReadOnly):
    """A table of what is sold. To look at what belongs to a server stands in its log."""

    about = ""  # the way from a row to its server

    def before_showing(self, request: HttpRequest, row: Any) -> None:
        """Enter the look in the log of the server that was bought, if there is one."""
        server: Server | None = attrgetter(self.about)(row) if self.about else None
        disclosed = server is None or not server.is_deleted
        page, by = str(self.opts.verbose_name), authority_of_operator(request)
        note_view(page, server, disclosed=disclosed, by=by)

    @display(description="Total a month")
    def total(self, row: Any) -> str:
        """What it costs, tax included."""
        return pricing.money(row.total_cents, row.currency)


@act_page(
    "Approve",
    "Each of these servers is created, and its first invoice goes out. The price is for each.",
    ApprovalForm,
    DECIDED,
)
def approve(request: Procurement, form: Form, *, by: Authority) -> str:
    """Sell at the price that was typed."""
    actions.approve_procurement(request, form.cleaned_data["net_cents"], by=by)
    return "approved. The server is being created."


@act_page("Decline", "Whoever asked reads the answer. Nothing is created.", DeclineForm, DECIDED)
def decline(request: Procurement, form: Form, *, by: Authority) -> str:
    """Do not sell."""
    actions.decline_procurement(request, form.cleaned_data["answer"], by=by)
    return "declined."


class Procurements(Sales):
    """Requests to buy by purchase order. They are addressed to the operators, so they are open."""

    about = "purchase.server"
    list_display = ("id", "plan", "seats", "asked_at", "decision")
    list_filter = ("decision",)
    list_select_related = ("purchase__plan",)
    ordering = ("-asked_at",)
    actions = (approve, decline)
    fields = (
        *("plan", "seats", "region", "order_number", "contact"),
        *("asked_at", "decision", "decided_at", "answer"),
    )

    @display(description="Plan")
    def plan(self, row: Procurement) -> str:
        """What is asked for."""
        return str(row.purchase.plan)

    @display(description="People")
    def seats(self, row: Procurement) -> int:
        """For how many."""
        return row.purchase.seats

    @display(description="Region")
    def region(self, row: Procurement) -> str:
        """Where."""
        return row.purchase.get_region_display()


@act_page(
    "Change the price",
    "It holds for what is bought from now on. What was bought keeps its price.",
    PlanForm,
)
def edit(plan: Plan, form: Form, *, by: Authority) -> str:
    """Change one line of the price list."""
    actions.edit_plan(plan, **form.cleaned_data, by=by)
    return f"{pricing.unit_price(plan)}, for up to {plan.people:,} people."


class Plans(Sales):
    """The price list."""

    list_display = ("label", "customer", "price", "people")
    fields = ("code", "label", "customer", "price", "people", "per_person", "currency")
    actions = (edit,)

    @display(description="Price")
    def price(self, plan: Plan) -> str:
        """As it stands on the plan's card."""
        return pricing.unit_price(plan)


@act_page(
    "Record as paid",
    "The month of each is paid, and its customer is told.",
    refusals={actions.NotPossible: "it is paid already."},
)
def settle(invoice: Invoice, form: Form, *, by: Authority) -> str:
    """The money has arrived."""
    actions.settle_invoice(invoice, by=by)
    return "paid."


class Invoices(Sales):
    """What was charged, by number."""

    about = "subscription.purchase.server"
    list_display = ("invoice", "plan_label", "seats", "total", "issued_at", "due_at", "paid_at")
    list_filter = (("paid_at", EmptyFieldListFilter),)
    search_fields = ("=number",)
    search_help_text = "The number, without its year."
    ordering = ("-number",)
    actions = (settle,)
    fields = (
        *("invoice", "plan_label", "seats", "total", "tax_label", "period_begin", "period_end"),
        *("issued_at", "due_at", "paid_at", "refunded_at", "subscription"),
    )

    @display(description="Invoice", ordering="number")
    def invoice(self, row: Invoice) -> str:
        """Its number as it is written."""
        return row.title


class Purchases(Sales):
    """What the checkout made. Nothing here decides anything about a server."""

    about = "server"
    list_display = ("id", "plan", "region", "seats", "total", "state", "made_at")
    list_filter = ("state", "plan")
    search_fields = ("=id", "=reference")
    search_help_text = "The id, or the provider’s name for it."
    ordering = ("-made_at",)
    fields = (
        *("id", "plan", "customer", "region", "seats", "total", "tax_label", "state"),
        *("provider", "reference", "terms_version", "server", "made_at", "paid_at", "ended_at"),
    )


class Subscriptions(Sales):
    """What is paid each month, until when, and how that stands."""

    about = "purchase.server"
    list_display = ("id", "plan", "seats", "total", "state", "period_end")
    list_filter = ("state", "plan")
    search_fields = ("=id", "=reference")
    search_help_text = "The id, or the provider’s name for it."
    ordering = ("-begun_at",)
    fields = (
        *("id", "purchase", "plan", "seats", "total", "tax_label", "state", "reference"),
        *("begun_at", "period_end", "stopped_at", "closed_at"),
    )


TABLES: dict[type[Model], type[ModelAdmin]] = {
    Invoice: Invoices,
    Plan: Plans,
    Procurement: Procurements,
    Purchase: Purchases,
    Subscription: Subscriptions,
}
PAGES = (
    Page("bounds/", "bounds", policy_bounds.policy_bounds, "How far servers may go"),
    Page("bounds/<slug:setting>/", "bound", policy_bounds.policy_bound),
    Page("log/", "log", platform_log.platform_log, "The platform’s log"),
    Page("log/export/", "log-export", platform_log.platform_log_export),
    Page("log/<int:seq>/proof/", "log-proof", platform_log.platform_log_proof),
)
