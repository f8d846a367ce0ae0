"""How far servers may go in each setting, for operators to see and to say."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.operators_site import authority_of_operator
from accounts.stepup import fresh_factor
from audit.actions import note_view
from servers import actions, policy
from servers.models import PolicyBound
from servers.operator_forms import BoundForm

PAGE = "bounds of the policy"


@require_safe
def policy_bounds(request: HttpRequest) -> HttpResponse:
    note_view(PAGE, by=authority_of_operator(request))
    bounds = [_in_words(bound) for bound in policy.bounds().values()]
    return render(request, "servers/policy_bounds.html", {"bounds": bounds})


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def policy_bound(request: HttpRequest, setting: str) -> HttpResponse:
    bound = policy.bounds().get(setting)
    if bound is None:
        raise Http404
    form, by = BoundForm(request.POST or None, bound=bound), authority_of_operator(request)
    if not form.is_valid():
        note_view(PAGE, by=by)
        return render(request, "servers/policy_bound.html", {"form": form})
    actions.set_policy_bound(form.cleaned_data["bound"], by=by)
    messages.success(request, f"{form.setting.label}: this is how far servers may go.")
    return redirect("ops:bounds")


def _in_words(bound: PolicyBound) -> dict[str, str | bool]:
    """A bound as the page shows it."""
    setting = policy.SETTINGS[bound.setting]
    codes = {"default": bound.default, "least": bound.least, "most": bound.most}
    words = {name: setting.words(code) for name, code in codes.items()}
    return {"name": setting.name, "label": setting.label, "locked": bound.locked, **words}
