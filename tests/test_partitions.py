"""Days that come and go, and what the application role may do to them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ProgrammingError

from content import partitions, tasks
from content.models import EncryptedObject

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]


def run(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def today():
    """The sweeps come by first if it was still yesterday when the test database was made."""
    made_at = MigrationRecorder(connection).migration_qs.latest("applied").applied
    if partitions.utc_day(made_at) < partitions.utc_today():
        tasks.partitions()
        tasks.expire()
    return partitions.utc_today()


@pytest.mark.parametrize("days", [0, 1])
def test_a_day_that_is_not_past_cannot_be_dropped(days):
    with pytest.raises(DatabaseError, match="may be alive"):
        run("SELECT content_drop_partition(%s)", partitions.utc_today() + timedelta(days=days))


@pytest.mark.parametrize("days", [-3, 61])
def test_only_days_that_can_be_needed_are_made(days):
    with pytest.raises(DatabaseError, match="no object stored now"):
        run("SELECT content_make_partition(%s)", partitions.utc_today() + timedelta(days=days))


@pytest.mark.requirement("R5")
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE content_encryptedobject",
        "ALTER TABLE content_encryptedobject DETACH PARTITION {today}",
        "DROP TABLE {today}",
        "ALTER TABLE content_deletionorder DISABLE TRIGGER audit_required",
        "CREATE TABLE mine()",
    ],
)
def test_the_application_role_owns_nothing(statement):
    with pytest.raises(ProgrammingError):
        run(statement.format(today=partitions.name_of(partitions.utc_today())))


def test_partitions_reach_a_week_further_than_any_life(today):
    assert partitions.days()[-1] - today == timedelta(days=38)
    assert partitions.days()[:2] == [today, today + timedelta(days=1)]
    assert partitions.make_partitions(today) == []


@pytest.mark.django_db(transaction=True)
def test_the_sweep_makes_what_is_missing_and_what_is_past_goes(today):
    tomorrow = today + timedelta(days=1)
    assert partitions.make_partitions(tomorrow) == [tomorrow + timedelta(days=38)]
    run("SELECT content_make_partition(%s)", today - timedelta(days=2))
    assert partitions.past_days() == [today - timedelta(days=2)]
    tasks.partitions()
    tasks.expire()
    assert partitions.past_days() == []


def test_every_partition_has_what_the_model_says():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = relid),"
            " (SELECT array_agg(conname) FROM pg_constraint WHERE conrelid = relid)"
            " FROM pg_partition_tree('content_encryptedobject')"
        )
        found = cursor.fetchall()
    meta = EncryptedObject._meta
    assert len(found) >= 40
    for indexes, constraints in found:
        assert indexes == len(meta.indexes) + 1
        assert {constraint.name for constraint in meta.constraints} <= set(constraints)


def test_models_and_migrations_agree():
    call_command("makemigrations", "content", check=True, dry_run=True, verbosity=0)
