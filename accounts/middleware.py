"""Closed by default: a page opens without signing in only if its view says that it is public."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django_otp import user_has_device

from accounts import sessions, unsent
from accounts.forms import SignInForm
from enigm_command.lib import problems, refusals
from enigm_command.lib.http import is_api, wants_json

SIGN_IN_AGAIN = problems.Problem(401, "signed_out", "Sign in to see this.")


class ReadWithTheSession(AuthenticationMiddleware):
    """Says who asks, as Django's does, which would ask the database once more who that is."""

    def process_request(self, request: HttpRequest) -> None:
        """Nothing is asked before somebody wants to know."""
        request.user = SimpleLazyObject(partial(sessions.account_of, request))  # type: ignore[assignment]


class SignedInByDefault:
    """Lets in who is signed in with both factors; the app's API carries its own bearer check."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.session.is_empty():
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """An answer for those who may not see this page yet; None for the others.

        Who is asking stands in the database. When it does not say, nobody is let in.
        """
        if getattr(view, "public", False) or is_api(request):
            return None
        try:
            return _turned_away(request, view)
        except DatabaseError as error:
            if unavailable := refusals.answer_to(request, error):
                return unavailable
            raise


def _turned_away(request: HttpRequest, view: Callable[..., Any]) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return _ask_to_sign_in(request)
    sessions.touch(request)
    if getattr(view, "before_second_factor", False):
        return None
    if request.user.is_verified():  # type: ignore[attr-defined]  # added by django_otp
        return None
    return redirect("sign-in-code" if user_has_device(request.user) else "second-factor")


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return problems.answer(request, SIGN_IN_AGAIN)
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    if kept := unsent.carried(request):
        return render(request, "accounts/sign_in.html", {"form": SignInForm(), "unsent": kept})
    return redirect(settings.LOGIN_URL)
