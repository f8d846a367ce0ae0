"""What browsers report by themselves: something on a page of ours went against its content policy.

A report says much about its reader. Kept are two words of it, in one line of the log: the
directive, and the page as our own routes spell it, without ids and without its query.
"""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from enigm_command.lib import strict_json, throttle
from enigm_command.lib.http import network, public
from enigm_command.lib.problems import of_status

DIRECTIVE = re.compile(r"[a-z-]{3,40}")
MOST = 10  # reports that are read of those that come together

log = logging.getLogger(__name__)


@csrf_exempt  # takes no cookies: see `lib.edge`
@public
@require_POST
def content_policy_reports(request: HttpRequest) -> HttpResponse:
    """Take in a report, in the older form (CSP 2) or the newer one (Reporting API)."""
    throttle.hit("csp-report", network(request))
    sent = strict_json.load(request.body)
    reports = sent if isinstance(sent, list) else [sent]
    for directive, page in sorted({_kept(report) for report in reports[:MOST]}):
        log.warning("the content policy stopped %s on %s", directive, page)
    return HttpResponse(status=204)


def _kept(report: Any) -> tuple[str, str]:
    try:
        body = report.get("csp-report") or report["body"]
        directive = body.get("effective-directive") or body["effectiveDirective"]
        address = body.get("document-uri") or body["documentURL"]
    except (AttributeError, KeyError, TypeError):
        raise of_status(400) from None
    if not DIRECTIVE.fullmatch(str(directive)):
        raise of_status(400)
    return str(directive), _route(str(address))


def _route(address: str) -> str:
    """The page without ids: `servers/<uuid:server_id>/content/`."""
    try:
        return "/" + resolve(urlsplit(address).path).route
    except (Resolver404, ValueError):
        return "no page of ours"
