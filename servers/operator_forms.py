"""What operators fill in about what is sold, and about how far servers may go."""

from decimal import Decimal
from typing import Any

from django import forms

from servers import policy
from servers.models import PolicyBound

LONGEST_ANSWER = 280
MOST = Decimal("9999999.99")  # cents fit the column
WRONG_AMOUNT = {
    "required": "Enter an amount.",
    "invalid": "Enter an amount, like 480 or 480.50.",
    "max_decimal_places": "Enter whole cents.",
    "max_value": "Enter a smaller amount.",
    "min_value": "Enter an amount of 0 or more.",
}


class AmountField(forms.DecimalField):
    """An amount of money as people write it. Its value is whole cents, None when it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=MOST,
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages=WRONG_AMOUNT,
            **kwargs,
        )

    def clean(self, value: Any) -> int | None:
        """The amount in cents."""
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class ApprovalForm(forms.Form):
    """At what price a request is approved."""

    net_cents = AmountField(label="Price a month, before tax")


class DeclineForm(forms.Form):
    """Why a request is declined."""

    answer = forms.CharField(
        label="Answer",
        help_text="Whoever asked reads it as it stands.",
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a sentence."},
    )


class PlanForm(forms.Form):
    """What a plan costs, and for how many people that is meant."""

    unit_cents = AmountField(
        label="Price, before tax",
        help_text="A person or a month, as the plan says. Empty: on request.",
        required=False,
    )
    people = forms.IntegerField(
        label="For up to so many people",
        min_value=1,
        max_value=1_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Enter a number of people.",
            "invalid": "Enter a whole number of people.",
        },
    )


class BoundForm(forms.Form):
    """How far servers may go in one setting, in the steps that it has."""

    default = forms.TypedChoiceField(label="A new server begins with", coerce=int)
    least = forms.TypedChoiceField(label="Least", coerce=int)
    most = forms.TypedChoiceField(label="Most", coerce=int)
    locked = forms.BooleanField(
        label="Locked: it stays on each server as it is",
        required=False,
    )

    def __init__(self, data: Any = None, *, bound: PolicyBound) -> None:
        said = {name: getattr(bound, name) for name in ("default", "least", "most", "locked")}
        super().__init__(data, initial=said)
        self.setting = policy.SETTINGS[bound.setting]
        steps = [(step, self.setting.words(step)) for step in self.setting.steps]
        for name in ("default", "least", "most"):
            self.fields[name].choices = steps  # type: ignore[attr-defined]  # all three are choices

    def clean(self) -> dict[str, Any]:
        """`bound` is what was asked for, if it makes sense."""
        chosen = super().clean() or {}
        if not self.errors:
            try:
                chosen["bound"] = policy.bound_for(self.setting.name, **chosen)
            except policy.NoSuchBound:
                self.add_error("default", "Begin between the least and the most.")
        return chosen
