"""What people fill in to buy a server and to name it."""

from dataclasses import fields
from typing import Any
from uuid import uuid4

from django import forms

from enigm_command.lib.cards import CardLabel
from servers.models import Region
from servers.models.purchase import Plan
from servers.purchase.checkout import Choices
from servers.purchase.pricing import unit_price

LONGEST_NAME = 60
MOST_SEATS = 1_000_000


class PlanField(forms.ModelChoiceField):
    """The price list as cards."""

    widget = forms.RadioSelect

    def label_from_instance(self, plan: Plan) -> CardLabel:  # type: ignore[override]
        return CardLabel(plan.label, f"Up to {plan.people:,} people", unit_price(plan))


class NameForm(forms.Form):
    """A server's name."""

    name = forms.CharField(
        label="Server name",
        help_text="Its users see this name. You can change it at any time.",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a name for the server."},
    )


class CheckoutForm(NameForm):
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
    seats = forms.IntegerField(
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
    )
    accepts = forms.BooleanField(
        label="I accept this responsibility",
        error_messages={"required": "Accept responsibility for the server to go on."},
    )

    NEEDED_FOR_THE_TOTAL = ("plan", "seats")

    @classmethod
    def fresh(cls) -> "CheckoutForm":
        """As it is first shown. No region is chosen for anybody: it cannot be changed later."""
        return cls(initial={"key": uuid4(), "plan": Plan.objects.first(), "seats": 5})

    def for_the_total(self) -> "CheckoutForm":
        """Ask for no more than the total needs: the rest may still be empty."""
        for name, field in self.fields.items():
            field.required = name in self.NEEDED_FOR_THE_TOTAL
        return self

    def clean(self) -> dict[str, Any]:
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
        self.full_clean()
        return self.cleaned_data

    @property
    def choices(self) -> Choices:
        """What was chosen, once the form is valid."""
        return Choices(**{field.name: self.cleaned_data[field.name] for field in fields(Choices)})


def _too_many(plan: Plan) -> str:
    return (
        f"The {plan.label} plan is for up to {plan.people:,} people."
        " Choose a larger plan or enter fewer people."
    )
