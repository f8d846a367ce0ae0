"""The gate of a server: everyone who stores passes it together, an order passes it alone."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import connection, models
from django.db.models import F
from django.db.transaction import TransactionManagementError

from enigm_command.lib.clock import LONG_AGO, ClockNow


class GateQuerySet(models.QuerySet["Gate"]):
    """Both ways through end at commit. The lock is taken first and the row read in a second
    statement: in the first one row and clock would be as old as the wait. Both are one message:
    whoever is inside keeps orders waiting with each that they send."""

    def open(self, server_id: UUID) -> "Gate":
        """Give a new server its gate; safe to repeat."""
        return self.get_or_create(server_id=server_id)[0]

    def enter(self, server_id: UUID, **asked: Any) -> "Gate":
        """Pass together with others: no order can be placed until this transaction ends. What else
        is asked behind the gate is answered on the row, by these names."""
        return self._pass("pg_advisory_xact_lock_shared", server_id, **asked)

    def close(self, server_id: UUID) -> "Gate":
        """Pass alone: wait for everyone inside, and let nobody in until this transaction ends."""
        return self._pass("pg_advisory_xact_lock", server_id)

    def count_on(self, server_id: UUID, numbers: int) -> int:
        """Take the feed's next numbers, and return the last of them. Nobody else gets one until
        this transaction ends: so they become visible in their order."""
        self.filter(pk=server_id).update(feed_number=F("feed_number") + numbers)
        return self.get(pk=server_id).feed_number

    def _pass(self, lock: str, server_id: UUID, **asked: Any) -> "Gate":
        if not connection.in_atomic_block:
            raise TransactionManagementError("the gate is passed within a transaction")
        answers = {"clock": ClockNow(), **asked}
        sql, params = self.filter(pk=server_id).annotate(**answers).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {lock}(hashtextextended(%s, 0)); {sql}", [str(server_id), *params]
            )
            cursor.nextset()
            found = cursor.fetchone()
        if found is None:
            raise self.model.DoesNotExist
        fields = [field.attname for field in self.model._meta.concrete_fields]
        gate = self.model.from_db(self.db, fields, found[: len(fields)])
        for name, answer in zip(answers, found[len(fields) :], strict=True):
            setattr(gate, name, answer)
        return gate


class Gate(models.Model):
    """What holds for all of a server's content.

    Nothing effective up to `floor` is available. `feed_number` counts what devices must be told.
    Orders placed while `held_since` stands wait with their purge, until the day that `held_until`
    tells, if it may be told. `room_bytes` None is unlimited.
    """

    server_id = models.UUIDField(primary_key=True)
    floor = models.DateTimeField(default=LONG_AGO)
    feed_number = models.BigIntegerField(default=0)
    held_since = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    room_bytes = models.BigIntegerField(null=True)

    clock: Any  # the database's clock once the gate was passed
    stands: bool  # what an upload asks with it
    objects: ClassVar[GateQuerySet] = GateQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"gate of {self.server_id}"
