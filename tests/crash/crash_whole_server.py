"""A whole server of 50,000 objects ends exactly, though its workers die one after the other."""

import json
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db.models import Sum

from audit import kept
from audit.models import AuditEvent, AuditPrivate
from content.models import DeletionOrder, EncryptedObject
from enigm_command.demo import storing
from enigm_command.lib import vault
from lifecycle.models import ServerDeletion
from membership.models import JoinRequest, Membership
from servers.models import Server, Standing
from tests.crash import world
from tests.crash.death import At, Death
from tests.crash.product import Product

pytestmark = pytest.mark.requirement("R22", "R24", "R25")

NAME = "Paula’s studio"
SWEEP = "lifecycle.deletions"
ORDERED_AND_AGREED = ("Paula", "Quentin")  # by whom, in the log
LIVES = (  # of one worker after the other: how far each comes in this deletion
    *((At.COMMIT_KEPT, 1), (At.COMMIT_LOST, 2), (At.COMMIT_KEPT, 3)),
    *((At.FILE, 1), (At.FILE, 250), (At.FILE, 100)),
    *((At.COMMIT_LOST, 4), (At.COMMIT_KEPT, 5), (At.COMMIT_LOST, 2), (At.COMMIT_KEPT, 3)),
    *((At.FILE, 2), (At.FILE, 3)),  # all bytes are gone; the log is being signed
)


def test_it_ends_exactly_whatever_dies(product: Product, tmp_path: Path) -> None:
    began = time.monotonic()
    ending, staying = world.inhabited(product.site), world.inhabited(product.site)
    server_id, other_id = world.id_of(ending), world.id_of(staying)
    world.live_on(ending, product.site)
    second = world.second_administrator(ending, product.site)
    world.fill(product, server_id)
    before, sealed, untouched = counted(server_id), sealed_values(server_id), all_of(other_id)
    assert before["objects"] > 50_000
    assert before["files"] > 500
    assert opened(server_id, sealed) == len(sealed) > 10
    say(began, "filled", **before, sealed=len(sealed))

    world.order_server_deletion(ending, NAME)
    product.kill("worker")
    world.agree(second, ending, NAME)
    ordered = len(ORDERED_AND_AGREED)
    assert counted(server_id) == {**before, "log_values": before["log_values"] + ordered}
    die_again_and_again(product, server_id)
    say(began, "destroyed", deaths=len(LIVES))
    product.stop()
    product.start()

    receipt = check_counts(server_id, before)
    assert opened(server_id, sealed) == 0
    assert all_of(other_id) == untouched
    say(began, "started again", **receipt["closed"], **receipt["content"])
    print(" ", check_log(ending, receipt, tmp_path))
    check_the_other(staying, product, other_id)
    say(began, "checked")


def die_again_and_again(product: Product, server_id: UUID) -> None:
    """Until no life is left to spend; the last one comes to the end."""
    for at, effect in LIVES:
        with Death(product, at) as death:
            death.awaits(server_id, effect)
            death.worker_follows()
            stood = death.comes(SWEEP, log_is_closed)
        print(f"  {at.value} {effect:>3}: {stood[server_id]}", flush=True)
    death.worker_follows()
    death.wait(SWEEP, lambda: log_is_closed(server_id))


def log_is_closed(server_id: UUID) -> bool:
    return ServerDeletion.objects.filter(server=server_id, log_closed_at__isnull=False).exists()


def files_of(server_id: UUID) -> list[Path]:
    """In whatever region."""
    return [*Path(settings.OBJECTS_FOLDER).glob(f"*/*/{server_id}/*")]


def counted(server_id: UUID) -> dict[str, int]:
    """What is stored of a server, by another look than the product's own."""
    objects = EncryptedObject.objects.filter(server_id=server_id)
    return {
        "objects": objects.count(),
        "bytes": objects.aggregate(Sum("size"))["size__sum"] or 0,
        "files": len(files_of(server_id)),
        "members": Membership.objects.filter(server=server_id).count(),
        "join_requests": JoinRequest.objects.filter(server=server_id).count(),
        "log_values": AuditPrivate.objects.filter(stream_id=server_id).count(),
    }


def all_of(server_id: UUID) -> list[object]:
    """Every object of a server, byte for byte, and its counts."""
    rows = EncryptedObject.objects.filter(server_id=server_id).order_by("id")
    bodies = {path.name: sha256(path.read_bytes()).hexdigest() for path in files_of(server_id)}
    return [counted(server_id), [*rows.values_list("id", "sha256", "state")], bodies]


def sealed_values(server_id: UUID) -> list[tuple[str, bytes]]:
    """What is sealed under the server's key: where it stands, and how it looks in the database."""
    tables = (
        ("servers_server.name", Server.objects.filter(pk=server_id)),
        ("membership_membership.display_name", Membership.objects.filter(server=server_id)),
        ("membership_joinrequest.display_name", JoinRequest.objects.filter(server=server_id)),
    )
    found = [
        (f"{column}|{pk}", bytes(sealed))
        for column, rows in tables
        for pk, sealed in rows.values_list("pk", column.partition(".")[2])
    ]
    return [*found, *values_of_log(server_id)]


def values_of_log(server_id: UUID) -> Iterator[tuple[str, bytes]]:
    """The personal ones, each bound to the commitment that its entry holds."""
    leaves = AuditEvent.objects.of(server_id).values_list("seq", "leaf")
    said = {seq: json.loads(bytes(leaf)) for seq, leaf in leaves}
    for value in AuditPrivate.objects.filter(stream_id=server_id):
        committed = said[value.seq]["commit"][value.field]
        yield f"audit_private.{value.field}|{committed}", bytes(value.sealed)


def opened(server_id: UUID, sealed: list[tuple[str, bytes]]) -> int:
    """How many of them open, for a process that remembers no key."""
    vault.forget()
    return sum(opens(server_id, *value) for value in sealed)


def opens(scope: UUID, place: str, value: bytes) -> bool:
    try:
        return bool(vault.unseal(scope, place, value))
    except vault.Unreadable:
        return False


def check_counts(server_id: UUID, before: dict[str, int]) -> dict[str, dict[str, int]]:
    """Nothing is left, and tombstone and receipt say exactly what was there."""
    server = Server.objects.get(pk=server_id)
    deletion = ServerDeletion.objects.get(server=server)
    order, said = DeletionOrder.objects.get(pk=deletion.pk), deletion.receipt.said
    assert (server.standing, server.name) == (Standing.DELETED, None)
    assert set(counted(server_id).values()) == {0}
    assert (order.purged, order.purged_bytes) == (before["objects"], before["bytes"])
    assert said["content"]["objects"] == before["objects"]
    assert said["content"]["bytes"] == before["bytes"]
    assert said["closed"]["members"] == deletion.members_closed == before["members"]
    assert deletion.join_requests_closed == before["join_requests"]
    assert said["closed"]["log_values"] == before["log_values"] + len(ORDERED_AND_AGREED)
    return said


def check_log(ending: world.People, receipt: dict, folder: Path) -> str:
    """As its former administrator takes it away: whole, closed, signed to its last entry."""
    log, vkey = world.exported_log(ending, folder)
    verdict, entries = world.verified_offline(log, vkey), world.entries_of(log)
    document = ending.paula.read(f"{ending.server}deletion/receipt.json").body
    last, note = json.loads(entries[-1]), (log / "checkpoint").read_text()
    assert json.loads(document) == receipt
    assert (last["action"], last["seq"]) == ("server.deleted", len(entries) - 1)
    assert last["data"]["receipt"] == sha256(document).hexdigest()
    assert note.splitlines()[1] == str(len(entries))
    assert note.startswith(kept.read(world.id_of(ending)).partition("\n\n")[0])
    actions = [json.loads(entry)["action"] for entry in entries]
    assert [actions.count(each) for each in ("server.deleted", "audit.erased")] == [1, 1]
    return verdict


def check_the_other(staying: world.People, product: Product, server_id: UUID) -> None:
    """Its people read what they sent, its names open, its log verifies."""
    assert storing.fetch(staying) == f"{len(staying.sent)} of {len(staying.sent)} are the same"
    staying.paula.open(f"{staying.server}members/").find(staying.lena.name)
    verified = product.command("audit_verify", "--all")
    assert f"{server_id}: intact" in verified.stdout, verified
    assert verified.returncode == 0


def say(began: float, what: str, **counts: object) -> None:
    numbers = ", ".join(f"{name} {count}" for name, count in counts.items())
    print(f"\n{time.monotonic() - began:6.1f} s  {what}: {numbers}", flush=True)
