"""The numbers of the overview: counted again only where something changed."""

from datetime import timedelta

import pytest
from django.db import connection

from content import figures, tasks
from content.models import EncryptedObject, ObjectCount
from content.partitions import utc_today
from enigm_command.lib import clock
from tests.factories import ServerFactory
from tests.objects import member_of, sealed, store

pytestmark = pytest.mark.django_db(transaction=True)


def settle():
    """What this session changed is told to the others at the latest when asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")


@pytest.mark.requirement("R22")
def test_only_days_that_changed_are_counted_again(server, uma):
    stored = [store(uma, sealed(size=size), lasting=timedelta(days=20)) for size in (0, 500)]
    settle()
    tasks.recount()
    (count,) = ObjectCount.objects.of(server.pk)
    assert (count.kind, count.objects_held) == ("message", 2)
    assert count.bytes_held == sum(each.size for each in stored)

    ObjectCount.objects.of(server.pk).update(objects_held=99)
    tasks.recount()
    assert ObjectCount.objects.of(server.pk).get().objects_held == 99

    EncryptedObject.objects.filter(pk=stored[0].pk).delete()
    settle()
    tasks.recount()
    assert ObjectCount.objects.of(server.pk).held() == stored[1].size


def test_the_overview_says_what_lies_there_and_when_it_goes(server, uma):
    store(member_of(ServerFactory()))
    empty = figures.overview(server.pk, clock.now())
    assert (empty.objects, empty.bytes, empty.as_of, empty.oldest_at) == (0, 0, None, None)
    stored = [
        store(uma, lasting=timedelta(hours=1)),
        store(uma, lasting=timedelta(days=10), kind="media"),
        store(uma, lasting=timedelta(days=10)),
    ]
    settle()
    tasks.recount()
    seen = figures.overview(server.pk, clock.now())
    assert (seen.objects, seen.bytes) == (3, sum(each.size for each in stored))
    assert seen.oldest_at == stored[0].authored_at
    assert seen.due_within_a_day == 1
    assert seen.as_of
    assert [day for day, _ in seen.per_day] == [utc_today() + timedelta(days=n) for n in range(31)]
    assert dict(seen.per_day)[stored[1].expires_on] == 2
    assert [(kind.kind, kind.objects) for kind in seen.kinds] == [
        ("media", 1),
        ("message", 2),
    ]
