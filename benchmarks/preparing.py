"""Tables, keys and servers to measure with."""

from importlib.util import find_spec
from uuid import UUID, uuid4

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from accounts.models import Account
from audit import keys
from audit.authority import SCHEDULE, Authority
from audit.guards import audit_required
from audit.recording import recording
from audit.vocabulary import Action
from benchmarks.models import Recorded
from enigm_command.lib import locator, ring, vault
from servers.edge import authority_of
from servers.models import Administrator, Region, Server

TOLD = ("server_version", "fsync", "shared_buffers", "synchronous_commit")


def prepare() -> None:
    """Make keys, the product's tables and those of `benchmarks.models`, guards and grants."""
    ring.make(settings.MASTER_KEYS_FILE)
    keys.make(settings.AUDIT_KEYS_FILE)
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connections["owner"].cursor() as cursor:
        cursor.execute(audit_required(Recorded._meta.db_table).sql)
    if find_spec("pgtrigger"):
        import pgtrigger

        pgtrigger.install(database="owner")


def database() -> dict[str, str]:
    """What of the database the numbers depend on. Without `fsync`, they say little."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT name, setting || coalesce(unit, '') FROM pg_settings WHERE name = ANY(%s)",
            [list(TOLD)],
        )
        return {f"postgresql {name}": value for name, value in cursor}


def make_server(id: UUID | None = None) -> Authority:
    """A server, and its owner's authority over it. What its log holds already stays."""
    id = id or uuid4()
    vault.make_key(id)
    name = f"owner-{id.hex[:8]}"
    with recording(Action.SERVER_CREATED, by=SCHEDULE, server=Server(pk=id)) as entry:
        entry.data["region"] = str(Region.EUROPE.label)
        owner = Account.objects.create(username=name, canonical=name)
        server = Server.objects.create(
            id=id, locator=locator.make(), region=Region.EUROPE, name="Measured", owner=owner
        )
        power = Administrator.objects.create(server=server, account=owner)
    return authority_of(power, "Ada Ferrer")
