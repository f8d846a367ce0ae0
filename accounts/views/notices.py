"""What happened to the account of the person who is signed in."""

from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Notice
from enigm_command.lib.paging import SIZE


@require_safe
def notices(request):
    told, before = Notice.objects.of(request.user), _moment(request.GET.get("before", ""))
    shown = told.filter(at__lt=before) if before else told
    rows = list(shown[: SIZE + 1])
    context = {
        "notices": rows[:SIZE],
        "unread": told.unread().count(),
        "before": before,
        "older": rows[SIZE - 1].at.isoformat() if len(rows) > SIZE else "",
    }
    return render(request, "accounts/notices.html", context)


@require_POST
def notices_read(request):
    Notice.objects.of(request.user).mark_read()
    return redirect("notices")


def _moment(text):
    """A moment out of an address that anyone may have edited."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
