"""Is it alive, is it ready: for the load balancer and for whoever is woken at night."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from content.models import DeletionOrder
from enigm_command.lib import clock, throttle
from enigm_command.lib.http import network, public
from enigm_command.lib.models import SweepRun
from enigm_command.lib.wording import counted
from enigm_command.schedule import GRACE, SWEEPS

REMOVING = ("content.expire", "content.partitions")
ERASING = ("content.outgrown", "content.own_deletions", "content.purges")
RECORDING = ("audit.anchor", "audit.retention", "audit.witness")
TELLING = ("accounts.mails",)
NAMED = (*REMOVING, *ERASING, *RECORDING, *TELLING)
PROMISES = {
    "What has expired is removed": REMOVING,
    "What was deleted is looked for": ERASING,
    "The logs are anchored and witnessed": RECORDING,
    "Mail goes out": TELLING,
    "Everything else that is due by the clock": tuple(SWEEPS.keys() - set(NAMED)),
}


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked, so a slow database does not restart it."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers, is migrated, and no sweep is late. 503 names what is wrong."""
    wrong = _wrong()
    return JsonResponse({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)


@public
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """What the service promises to do by the clock, and whether it does. No server is named."""
    throttle.hit("status", network(request))
    late, stalled = set(SweepRun.objects.late(SWEEPS, GRACE)), _stalled()
    kept = [(words, not late & set(names)) for words, names in PROMISES.items()]
    context = {
        "promises": [*kept, ("Every deletion under way gets on", not stalled)],
        "late": sorted(late),
        "stalled": stalled,
        "is_well": not late and not stalled,
        "at": clock.now(),
    }
    return render(request, "panel/status.html", context)


def _stalled() -> int:
    """Deletions on which somebody should work, and nobody has for ten minutes."""
    return DeletionOrder.objects.stalled().count()


def _wrong() -> list[str]:
    try:
        late = [f"sweep {name} is late" for name in SweepRun.objects.late(SWEEPS, GRACE)]
        stalled = _stalled()
        standstill = [f"erasing stands still: {counted(stalled, 'deletion')}"] * bool(stalled)
        return _migrations() + late + standstill
    except DatabaseError as error:
        return [f"the database does not answer as it should: {type(error).__name__}"]


def _migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return ["migrations are pending"] if pending else []
