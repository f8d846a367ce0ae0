"""Step-up: the page that asks for a factor again, and hands back what was kept meanwhile."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from accounts import replacement, stepup, unsent
from accounts.forms import CodeForm
from enigm_command.lib.http import safe_next


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_you(request):
    kept, recovered = unsent.kept(request), replacement.is_due(request)
    if stepup.is_fresh(request) or (recovered and kept and not kept.lacked_factor):
        return _onward(request, kept)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        if stepup.verify(request, form.cleaned_data["code"]):
            return redirect(request.get_full_path())
        form.add_error("code", stepup.refusal(request))
    ways = stepup.ways(request.user)
    context = {"form": form, "ways": ways, "unsent": kept, "has_recovered": recovered}
    return render(request, "accounts/confirm_you.html", context)


def _onward(request, kept: unsent.UnsentForm | None) -> HttpResponse:
    if kept:
        return render(request, "accounts/handed_back.html", {"unsent": kept})
    return redirect(safe_next(request, resolve_url(settings.LOGIN_REDIRECT_URL)))
