"""The acts of operators on the physical part of a deletion, as their list offers them."""

from typing import Any

from django import forms

from accounts.operators_acts import act_page
from audit.authority import Authority
from content import actions
from content.erasing import EndsWithServer
from content.models import DeletionOrder, NotUnderWay
from membership.forms import ReasonField

REFUSALS = {
    EndsWithServer: "its server is being deleted, which ends only when its content is erased.",
    NotUnderWay: "its erasing has ended, rests already, or goes on already.",
}
DARK = "What it covers stays unavailable to everyone, whatever you do here."


class WhyForm(forms.Form):
    """Why the erasing shall not go on."""

    why = ReasonField(
        required=True,
        help_text="Its administrators read it in their log.",
        error_messages={"required": "Enter a reason."},
    )


@act_page("Pause erasing", f"{DARK} Its rows and files stay until you resume.", WhyForm, REFUSALS)
def pause(order: DeletionOrder, form: WhyForm, *, by: Authority) -> str:
    """Let it rest."""
    actions.pause_purge(order, why=form.cleaned_data["why"], by=by)
    return "paused."


@act_page("Resume erasing", "A worker goes on where it stopped.", refusals=REFUSALS)
def resume(order: DeletionOrder, form: Any, *, by: Authority) -> str:
    """Let it go on."""
    actions.resume_purge(order, by=by)
    return "goes on."


@act_page(
    "End erasing early",
    f"{DARK} What is left is not erased before its own time, within 30 days, and the receipt says"
    " how much that is. This cannot be taken back; only another deletion erases it sooner.",
    WhyForm,
    REFUSALS,
    stops=True,
)
def abort(order: DeletionOrder, form: WhyForm, *, by: Authority) -> str:
    """End it where it is."""
    actions.abort_purge(order, why=form.cleaned_data["why"], by=by)
    return "ended early."
