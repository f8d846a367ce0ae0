"""What administrators choose for their server's policy."""

from django import forms
from django.http import QueryDict

from servers.models import PolicyBound, PolicyVersion
from servers.policy import SETTINGS, Codes, Setting, bounds

LOCKED = "Fixed by the platform."


class PolicyForm(forms.Form):
    """Every setting as a list of steps, as far as the platform lets the server go.

    Sent by GET: what is chosen stands in the address of the review, as codes. What is not said
    there stays as it is.
    """

    def __init__(self, chosen: QueryDict | None = None, *, current: PolicyVersion) -> None:
        now = {name: setting.read(current) for name, setting in SETTINGS.items()}
        super().__init__({**now, **chosen.dict()} if chosen else None)
        self.current = current
        bound = bounds()
        for name, setting in SETTINGS.items():
            self.fields[name] = _field(setting, bound[name], now[name])

    @property
    def codes(self) -> Codes:
        """What was chosen."""
        return {name: int(chosen) for name, chosen in self.cleaned_data.items()}


def _field(setting: Setting, bound: PolicyBound, now: int) -> forms.ChoiceField:
    """A locked setting is shown and cannot be sent; a value beyond the bounds can only be kept."""
    error = f"{setting.label}: choose one of the values offered."
    offered = [now] if bound.locked else sorted({now, *_within(setting, bound)})
    return forms.ChoiceField(
        label=setting.label,
        choices=[(code, setting.words(code)) for code in offered],
        initial=now,
        disabled=bound.locked,
        help_text=LOCKED if bound.locked else setting.help,
        error_messages=dict.fromkeys(("required", "invalid_choice"), error),
    )


def _within(setting: Setting, bound: PolicyBound) -> list[int]:
    return [code for code in setting.steps if bound.least <= code <= bound.most]
