"""An administrator confirms one act that cannot be undone, with a factor proved for it alone.

A wrong code is a refused act: the log of the server says who tried what.
"""

from uuid import UUID

from accounts import stepup
from accounts.confirmations import Confirmation
from accounts.forms import CHANGED, ConfirmingForm
from audit.recording import record_refusal
from audit.vocabulary import Action
from enigm_command.lib import throttle
from servers.edge import ServerRequest


def asked(request: ServerRequest, act: Action, *parts: str) -> Confirmation:
    """What the form answers, if that was for exactly this and still holds; else asked anew."""
    answered = _answered(request)
    whole = (str(request.server.pk), *parts)
    if answered and not answered.is_over and answered.is_for(act, *whole):
        return answered
    return Confirmation.objects.offer(request.user, act, *whole)


def is_confirmed(request: ServerRequest, form: ConfirmingForm, act: Action) -> bool:
    """Is the form complete, and was a factor proved for what it confirms?"""
    if not form.is_valid():
        return False
    if form.confirmation.prove(request, form.cleaned_data.get("code", "")):
        throttle.hit("order", str(request.user.pk), str(request.server.pk))
        return True
    form.add_error("code", stepup.refusal(request))
    record_refusal(act, by=request.authority, server=request.server, why="wrong code")
    return False


def is_spent(request: ServerRequest, form: ConfirmingForm, act: Action, *parts: str) -> bool:
    """`is_confirmed`, and used up by this very request: for what was `asked`, with its parts."""
    if not is_confirmed(request, form, act):
        return False
    spent = Confirmation.objects.spend(
        form.confirmation.pk, request.user, act, str(request.server.pk), *parts
    )
    if not spent:
        form.add_error(None, CHANGED)
    return spent


def _answered(request: ServerRequest) -> Confirmation | None:
    try:
        pk = UUID(request.POST.get("confirmation", ""))
    except ValueError:
        return None
    return Confirmation.objects.of(request.user).filter(pk=pk).first()
