"""Where the person is signed in, and how to end that."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import sessions


@require_POST
def session_end(request, pk):
    if sessions.end(pk, request.user):
        messages.success(request, "Signed out there.")
    else:
        messages.warning(request, "That session was over already.")
    return redirect("security")


@require_POST
def sessions_end(request):
    sessions.end_others(request)
    messages.success(request, "You are signed out everywhere but here.")
    return redirect("security")
