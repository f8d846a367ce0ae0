"""Time takes everything; the sweep only tidies up. And what the database holds to be true of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction

from content import blobs, tasks
from content.lifetimes import LONGEST, Lifetime
from content.models import EncryptedObject, IntakeKey
from content.partitions import utc_today
from enigm_command.lib import clock
from tests.objects import LARGE, files_of, sealed, store

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]
NOW = datetime(2026, 11, 22, 12, 30, 15, 250_000, tzinfo=UTC)
SECOND = NOW.replace(microsecond=0)


@pytest.mark.parametrize(
    ("authored_at", "lasting", "expected"),
    [
        (NOW, LONGEST, SECOND + LONGEST),
        (NOW + timedelta(days=3), LONGEST, SECOND + LONGEST),
        (NOW - timedelta(days=29), LONGEST * 9, SECOND + timedelta(days=1)),
        (NOW, timedelta(hours=1), SECOND + timedelta(hours=1)),
    ],
)
def test_no_header_wins_more_than_30_days(authored_at, lasting, expected):
    assert Lifetime.of(authored_at, NOW, lasting).expires_at == expected


@pytest.mark.parametrize(
    ("age", "effective_at"),
    [(timedelta(0), NOW), (timedelta(days=1), SECOND - timedelta(days=1) + timedelta(seconds=1))],
)
def test_an_object_counts_from_the_end_of_its_second_or_from_its_arrival(age, effective_at):
    assert Lifetime.of(NOW - age, NOW, LONGEST).effective_at == effective_at


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("expires_at = authored_at + interval '30 days 1 second'", "gone_after_30_days"),
        (
            "authored_at = received_at + interval '1 second', effective_at = received_at",
            "not_from_the_future",
        ),
        ("effective_at = received_at + interval '1 second'", "effective_by_two_clocks"),
        ("effective_at = authored_at - interval '1 second'", "effective_by_two_clocks"),
        ("expires_at = expires_at - interval '2 days'", "in_its_partition"),
        ("kind = 'text'", "kind_known"),
        ("state = 'gone', body = NULL", "state_known"),
        ("state = 'pending'", "inline_is_small_and_ready"),
        ("size = 16385", "inline_is_small_and_ready"),
    ],
)
def test_the_database_holds_the_rules_of_time_and_form(uma, change, constraint):
    store(uma)
    refused = pytest.raises(IntegrityError, match=constraint)
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE content_encryptedobject SET {change}")


@pytest.mark.requirement("R22")
class TestSweep:
    """Rows due today, row by row; days that are past, whole."""

    def due(self, stored):
        """As if it had been stored long enough ago to be over by now."""
        rows = EncryptedObject.objects.filter(pk=stored.pk)
        past = min(clock.now(), stored.expires_at)
        rows.update(
            authored_at=past - timedelta(hours=1),
            received_at=past,
            effective_at=past - timedelta(hours=1) + timedelta(seconds=1),
            expires_at=past,
        )

    def test_what_is_due_goes_and_nothing_else(self, server, uma):
        today_only = clock.now().replace(hour=23, minute=59, second=59) - clock.now()
        gone = [store(uma, sealed(size=size), lasting=today_only) for size in (0, LARGE)]
        kept = [store(uma), store(uma, sealed(size=LARGE), lasting=timedelta(days=1))]
        for stored in gone:
            self.due(stored)
        assert tasks.expire()
        assert set(EncryptedObject.objects.values_list("id", flat=True)) == {k.id for k in kept}
        assert len(files_of(server)) == 1

    def test_the_bytes_of_a_past_day_go_whole_with_strays_that_no_row_names(self, server, uma):
        yesterday = utc_today() - timedelta(days=1)
        stray = blobs.BlobName(yesterday, server.pk, uma.handle)
        blobs.storage_of(server.pk).save(str(stray), ContentFile(b"stray"))
        store(uma, sealed(size=LARGE))
        list(blobs.delete_day(yesterday))
        assert [path.read_bytes()[:3] for path in files_of(server)] == [b"age"]

    def test_keys_are_forgotten_when_no_object_can_be_alive_under_them(self, server, uma):
        for days in (30, 32):
            IntakeKey.objects.create(
                server_id=server.pk,
                author=uma.handle,
                key=uma.server.pk if days == 30 else uma.handle,
                object_id=uma.handle,
                expires_on=utc_today(),
                spent_at=clock.now() - timedelta(days=days),
            )
        tasks.expire()
        assert IntakeKey.objects.get(server_id=server.pk).key == uma.server.pk
