"""Is it alive, is it ready: for the load balancer and for whoever is woken at night."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from enigm_command.lib.http import public
from enigm_command.lib.models import SweepRun
from enigm_command.schedule import GRACE, SWEEPS


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


def _wrong() -> list[str]:
    try:
        late = SweepRun.objects.late(SWEEPS, GRACE)
        return _migrations() + [f"sweep {name} is late" for name in late]
    except DatabaseError as error:
        return [f"the database does not answer as it should: {type(error).__name__}"]


def _migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return ["migrations are pending"] if pending else []
