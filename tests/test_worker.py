"""A real worker on a real broker: what is rung gets done, and what was killed is taken up again."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from audit.authority import Authority
from content import partitions, tasks
from content.actions import order_deletion
from content.lifetimes import LONGEST, Lifetime
from content.models import DeletionOrder, EncryptedObject, Receipt, State
from content.scope import EVERYTHING, Kind, Scope
from enigm_command.lib import clock
from enigm_command.lib.clock import LONG_AGO
from servers.models import Server
from servers.models.purchase import Purchase
from tests.factories import PurchaseFactory
from tests.processes import PATIENCE, Worker
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R18", "R22")]


@pytest.fixture(scope="module")
def worker(own_state: Path, django_db_setup: None) -> Iterator[Worker]:
    """One for this file: it remembers the platform's key, which every test makes anew."""
    running = Worker(own_state)
    running.start()
    yield running
    running.stop()


def until(question: Callable[[], object], worker: Worker) -> None:
    """Wait for what a worker does."""
    end = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < end, worker.log.read_text()[-3000:]
        time.sleep(0.05)


def fill(server: Server, number: int, *, age: timedelta) -> None:
    """Objects as intake leaves them, `age` old."""
    now = clock.now()
    times = Lifetime.of(now - age, now, LONGEST)
    EncryptedObject.objects.bulk_create(
        EncryptedObject(
            server_id=server.pk,
            id=uuid4(),
            author=uuid4(),
            kind=Kind.MESSAGE,
            size=100,
            state=State.READY,
            body=b"sealed",
            authored_at=times.authored_at,
            received_at=times.received_at,
            effective_at=times.effective_at,
            expires_at=times.expires_at,
            expires_on=times.expires_on,
        )
        for _ in range(number)
    )


def order(server: Server, by: Authority, scope: Scope = EVERYTHING) -> DeletionOrder:
    return order_deletion(server, scope, order_id=uuid4(), by=by)


def removed(order: DeletionOrder) -> dict[str, int]:
    return Receipt.objects.get(pk=order.pk).said["removed"]


@pytest.mark.requirement("R8")
def test_a_paid_purchase_becomes_a_server(worker):
    purchase = PurchaseFactory(name="Paid for", region="asia")

    Purchase.objects.mark_paid(purchase.pk)

    until(lambda: Server.objects.filter(purchase=purchase).exists(), worker)
    server = Server.objects.get(purchase=purchase)
    assert (server.name, server.region, server.is_ready) == ("Paid for", "asia", True)
    assert actions_of(server) == ["server.created"]


def test_an_order_is_purged_and_completed(worker, server, ada):
    fill(server, 30, age=timedelta(0))

    placed = order(server, ada)

    until(lambda: DeletionOrder.objects.get(pk=placed.pk).is_finished, worker)
    assert removed(placed) == {"objects": 30, "bytes": 3000}
    assert not EncryptedObject.objects.filter(server_id=server.pk).exists()
    assert actions_of(server) == ["deletion.ordered", "deletion.completed"]


@contextmanager
def nothing_deleted_from(table, session):
    """Whoever deletes a row of this table waits meanwhile."""
    session.execute("SELECT pg_advisory_lock(1)")
    session.execute(
        "CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN old; END'"
    )
    session.execute(
        f"CREATE TRIGGER wait_here BEFORE DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION wait_here()"
    )
    try:
        yield
    finally:
        session.execute("SELECT pg_advisory_unlock(1)")
        session.execute("DROP FUNCTION wait_here CASCADE")


def test_a_worker_killed_in_the_middle_of_a_purge_loses_and_doubles_nothing(
    worker, server, ada, as_owner
):
    fill(server, 5500, age=timedelta(days=20))
    fill(server, 1000, age=timedelta(0))
    newest = partitions.name_of(partitions.utc_today() + timedelta(days=30))
    with nothing_deleted_from(newest, as_owner):  # the purge must stop here, after a first batch
        placed = order(server, ada)
        until(lambda: DeletionOrder.objects.get(pk=placed.pk).purged == 5000, worker)
        worker.kill()

    assert not DeletionOrder.objects.get(pk=placed.pk).is_finished
    DeletionOrder.objects.filter(pk=placed.pk).update(lease_until=LONG_AGO)  # a minute later
    worker.start()
    tasks.purges()

    until(lambda: DeletionOrder.objects.get(pk=placed.pk).is_finished, worker)
    assert removed(placed) == {"objects": 6500, "bytes": 650_000}
    assert not EncryptedObject.objects.filter(server_id=server.pk).exists()
    completed = events_of(server)[-1]
    assert completed.data["removed"] == 6500
    assert actions_of(server) == ["deletion.ordered", "deletion.completed"]
    assert json.loads(Receipt.objects.get(pk=placed.pk).document)["second_look"] == {
        "files": 0,
        "rows": 0,
        "uploads": 0,
    }
