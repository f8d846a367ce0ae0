"""The platform's own log, for operators: what each of them did, and the anchors of all others."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.operators_site import authority_of_operator
from accounts.stepup import fresh_factor
from audit import witness
from audit.actions import note_view
from audit.recording import PLATFORM
from enigm_command.lib import throttle
from servers import actions, log_pages

LOG = "the platform's log"


@require_safe
def platform_log(request: HttpRequest) -> HttpResponse:
    note_view(LOG, by=authority_of_operator(request))
    shown = log_pages.listed(PLATFORM, request.GET)
    head = shown["check"].head
    note = witness.cosigned(head) if head else ""
    is_witnessed = head is not None and note != head.note
    context = {**shown, "note": note, "is_witnessed": is_witnessed}
    return render(request, "servers/platform_log.html", context)


@require_safe
def platform_log_proof(request: HttpRequest, seq: int) -> HttpResponse:
    note_view(LOG, by=authority_of_operator(request))
    return log_pages.proof_of(log_pages.entry(PLATFORM, seq))


@require_POST
@fresh_factor
def platform_log_export(request: HttpRequest) -> StreamingHttpResponse:
    throttle.hit("export", str(request.user.pk))
    actions.export_log(None, by=authority_of_operator(request))
    return log_pages.bundle(PLATFORM, disclosing=True)
