"""Daily partitions of encrypted objects, by the day on which everything in them is over.

What must never happen: a partition that still holds a living object is dropped; a drop behind a
slow reader stops uploads; an upload finds no partition. What prevents it: the application role owns
no table, it may only call two functions (`sql/partitions.sql`), and the one that drops refuses any
day that is not past; both give up on a lock after 50 ms, and the caller tries again later; days are
made a week further ahead than the longest life, and there is no default partition to hide a gap.
"""

import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, migrations, transaction
from psycopg import errors

from enigm_command.lib import clock

from .lifetimes import LONGEST

TABLE = "content_encryptedobject"
AHEAD = LONGEST + timedelta(days=8)  # a week more than an object stored today can need
NAMES = """ARRAY(
  SELECT relid::text FROM pg_partition_tree('content_encryptedobject') WHERE isleaf ORDER BY 1
)"""
PAUSE, TRIES = 0.05, 40


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel, and PARTITION BY: columns, checks and indexes stay what the model says."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Make the parent table and its indexes, which `table_sql` leaves out."""
        model = to_state.apps.get_model(app_label, self.name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            sql, params = schema_editor.table_sql(model)
            schema_editor.execute(f"{sql} PARTITION BY RANGE (expires_on)", params or None)
            for index in model._meta.indexes:
                schema_editor.add_index(model, index)


def make_partitions(today: date) -> list[date]:
    """Make every missing day on which an object stored within the next week can expire."""
    wanted = {today + timedelta(days=n) for n in range(AHEAD.days + 1)}
    return [day for day in sorted(wanted - set(days())) if _with_retry("make", day)]


def past_days() -> list[date]:
    """Days of which nothing has been served since they ended; their partitions still stand."""
    today = utc_today()
    return [day for day in days() if day < today]


def drop_partition(day: date) -> bool:
    """Give a past day's disk back. False when a reader is in the way: try again later."""
    return _with_retry("drop", day)


def days() -> list[date]:
    """The days that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NAMES}")
        return days_of(cursor.fetchone()[0])


def days_of(names: list[str]) -> list[date]:
    """The days whose partitions these are."""
    return [_day_of(name) for name in names]


def name_of(day: date) -> str:
    """The table of one day."""
    return f"{TABLE}_{day:%Y%m%d}"


def utc_today() -> date:
    """The day it is, by the database's clock."""
    return utc_day(clock.now())


def utc_day(at: datetime) -> date:
    """The UTC day of a moment."""
    return at.astimezone(UTC).date()


def _day_of(name: str) -> date:
    return date.fromisoformat(re.sub(r"\D", "", name))


def _with_retry(verb: str, day: date) -> bool:
    """False after two seconds of trying: the next sweep will find the same work."""
    for _ in range(TRIES):
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                cursor.execute(f"SELECT content_{verb}_partition(%s)", [day])
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable):
                raise
            time.sleep(PAUSE)
        else:
            return True
    return False
