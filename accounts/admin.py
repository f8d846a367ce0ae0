"""What operators see of accounts: one whose name they know already, and each other."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, display
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts import usernames
from accounts.actions import end_account_sessions
from accounts.models import Account, Operator
from accounts.operators_acts import act_page
from accounts.operators_site import ReadOnly, authority_of_operator
from audit.actions import note_view
from audit.authority import Authority

LONGEST_REFERENCE = 80


class ReferenceForm(forms.Form):
    """To which case an act belongs."""

    reference = forms.CharField(
        label="Reference",
        help_text="The case, as it is called where you keep it. It stands in the platform’s log.",
        max_length=LONGEST_REFERENCE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say to which case this belongs."},
    )


@act_page(
    "End all sessions",
    "They are signed out everywhere at once, and told. Their password and their factors stay.",
    ReferenceForm,
    stops=True,
)
def end_sessions(account: Account, form: forms.Form, *, by: Authority) -> str:
    """Sign an account out everywhere."""
    end_account_sessions(account, form.cleaned_data["reference"], by=by)
    return "signed out everywhere, and told."


class People(ReadOnly):
    """A table of people: to look at one of them stands in the platform's log."""

    def before_showing(self, request: HttpRequest, row: Any) -> None:
        """Enter the look."""
        note_view(str(self.opts.verbose_name), by=authority_of_operator(request))


class Accounts(People):
    """Accounts, each found by its whole name alone: there is no list of them."""

    list_display = ("username", "joined_at", "is_active")
    fields = ("username", "joined_at", "is_active", "closed_at")
    search_fields = ("=canonical",)
    search_help_text = "The whole username."
    actions = (end_sessions,)

    def get_search_results(
        self, request: HttpRequest, rows: QuerySet[Any], typed: str
    ) -> tuple[QuerySet[Any], bool]:
        """The one that is called so, however it is spelled; without a name nobody."""
        return rows.filter(canonical=usernames.canonical(typed)) if typed else rows.none(), False


class Operators(People):
    """Who runs the platform. Each comes and goes on the machine itself, by a command."""

    list_display = ("name", "since")
    fields = ("name", "since")
    list_select_related = ("account",)
    ordering = ("since",)

    @display(description="Name")
    def name(self, operator: Operator) -> str:
        """As they sign in."""
        return operator.account.username


TABLES: dict[type[Model], type[ModelAdmin]] = {Account: Accounts, Operator: Operators}
