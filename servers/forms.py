"""What people fill in to buy a server and to name it."""

from dataclasses import fields
from typing import Any
from uuid import uuid4

from django import forms

from enigm_command.lib.cards import CardLabel
from servers.models import Region
from servers.models.purchase import Plan, Runs
from servers.purchase.checkout import Choices
from servers.purchase.pricing import Quote, quote, unit_price

LONGEST_NAME = 60
MOST_SEATS = 1_000_000
BY_REQUEST = "Purchase order and invoice"
WHO_RUNS_IT = [
    (
        Runs.BUYER.value,
        CardLabel("I will", "You become the owner and the first administrator."),
    ),
    (
        Runs.ADMINISTRATOR.value,
        CardLabel(
            "Another administrator as well",
            "You are the owner and pay. When the server is ready, you invite them to administer.",
        ),
    ),
    (
        Runs.OWNER.value,
        CardLabel(
            "Someone else becomes the owner",
            "You own it until the person whom you invite has accepted.",
        ),
    ),
]


class PlanField(forms.ModelChoiceField):
    """The price list as cards."""

    widget = forms.RadioSelect

    def label_from_instance(self, plan: Plan) -> CardLabel:  # type: ignore[override]
        meant_for = f"Up to {plan.people:,} people" if plan.is_priced else BY_REQUEST
        return CardLabel(plan.label, meant_for, unit_price(plan))


class NameForm(forms.Form):
    """A server's name."""

    name = forms.CharField(
        label="Server name",
        help_text="Its users see this name. You can change it at any time.",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a name for the server."},
    )


class SeatsField(forms.IntegerField):
    """For how many people the price is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Number of people",
            min_value=1,
            max_value=MOST_SEATS,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages={
                "required": "Enter how many people will use it.",
                "invalid": "Enter a whole number of people.",
                "min_value": "Enter 1 person or more.",
                "max_value": "Enter fewer people.",
            },
            **kwargs,
        )


class PricedForm(forms.Form):
    """A plan for a number of people, which together make a price."""

    def clean(self) -> dict[str, Any]:
        """Refuse more people than the plan is meant for."""
        chosen: dict[str, Any] = super().clean() or {}
        plan, seats = chosen.get("plan"), chosen.get("seats")
        if plan and seats and seats > plan.people:
            self.add_error("seats", _too_many(plan))
        return chosen

    @property
    def chosen(self) -> dict[str, Any]:
        """What is chosen so far and makes sense."""
        if not self.is_bound:
            return dict(self.initial)
        self.is_valid()
        return self.cleaned_data

    @property
    def quote(self) -> Quote | None:
        """What that costs; None as long as it makes no price, or one on request."""
        plan, seats = self.chosen.get("plan"), self.chosen.get("seats")
        return quote(plan, seats) if plan and seats and plan.is_priced else None


class CheckoutForm(NameForm, PricedForm):
    """The whole checkout. It asks for no price, so a posted one changes nothing."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    plan = PlanField(
        Plan.objects.all(),
        label="Who is it for?",
        empty_label=None,
        error_messages={"required": "Choose a plan.", "invalid_choice": "Choose a plan."},
    )
    region = forms.ChoiceField(
        label="Where should it live?",
        help_text=(
            "Encrypted content is stored here and nowhere else. This cannot be changed later."
            " Operated by Enigm’s Swiss subsidiary under Swiss law in every region."
        ),
        choices=[(region.value, CardLabel(region.label)) for region in Region],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a region.", "invalid_choice": "Choose a region."},
    )
    seats = SeatsField()
    runs = forms.ChoiceField(
        label="Who runs it?",
        choices=WHO_RUNS_IT,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose who runs it.",
            "invalid_choice": "Choose who runs it.",
        },
    )
    accepts = forms.BooleanField(
        label="I accept this responsibility",
        error_messages={"required": "Accept responsibility for the server to go on."},
    )

    NEEDED_FOR_THE_TOTAL = ("plan", "seats")
    field_order = ("plan", "region", "name", "seats", "runs", "accepts")  # as on the page

    @classmethod
    def fresh(cls, plan_code: str = "") -> "CheckoutForm":
        """As it is first shown. No region is chosen for anybody: it cannot be changed later."""
        plan = Plan.objects.filter(code=plan_code).first() or Plan.objects.first()
        chosen = {"key": uuid4(), "plan": plan, "seats": 5, "runs": Runs.BUYER}
        return cls(initial=chosen)

    def for_the_total(self) -> "CheckoutForm":
        """Ask for no more than the total needs: the rest may still be empty."""
        for name, field in self.fields.items():
            field.required = name in self.NEEDED_FOR_THE_TOTAL
        return self

    @property
    def choices(self) -> Choices:
        """What was chosen, once the form is valid."""
        return Choices(**{field.name: self.cleaned_data[field.name] for field in fields(Choices)})


class PlanChangeForm(PricedForm):
    """Another plan, or another number of people, from the next charge on."""

    plan = PlanField(
        Plan.objects.filter(unit_cents__isnull=False),
        label="Plan",
        empty_label=None,
        error_messages={"required": "Choose a plan.", "invalid_choice": "Choose a plan."},
    )
    seats = SeatsField()


class ProcurementForm(forms.Form):
    """What an operator needs to know beyond what the checkout asked."""

    order_number = forms.CharField(
        label="Purchase order number",
        help_text="As it is to stand on the invoices.",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the number of your purchase order."},
    )
    contact = forms.CharField(
        label="Whom do we write to?",
        help_text="A name and an e-mail address. It is stored encrypted.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter who is to get the invoices."},
    )


def _too_many(plan: Plan) -> str:
    return (
        f"The {plan.label} plan is for up to {plan.people:,} people."
        " Choose a larger plan or enter fewer people."
    )
