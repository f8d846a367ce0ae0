"""Whether a server keeps its limit: measured in storage, and red when nobody sees to it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from content import partitions, tasks
from content.lifetimes import LONGEST
from content.models import AgeReached, EncryptedObject, ObjectCount
from content.partitions import utc_today
from content.retention import EXPIRE, OVERDUE, measured
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.models import SweepRun
from enigm_command.schedule import GRACE, SWEEPS
from tests.browser import Browser
from tests.factories import ServerFactory
from tests.objects import available, member_of, put_back, store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R16", "R22")]
DAY = timedelta(days=1)


def count():
    """Count what changed. The statistics of this session are told to the others when asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
    tasks.recount()


def page(server, ada):
    answer = Browser().sign_in(ada.warrant.account).get(reverse("retention", args=[server.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_time_that_a_sweep_may_take_is_the_schedules():
    assert 2 * SWEEPS[EXPIRE] + GRACE == OVERDUE


def test_an_empty_server_has_no_ages(server):
    tasks.expire()
    found = measured(server.pk)
    assert (found.objects, found.oldest_age, found.worst_age, found.past_due) == (0, None, None, 0)
    assert found.is_kept


def test_the_age_is_counted_from_the_writing(server, uma):
    store(uma, authored_at=clock.now() - 3 * DAY)
    store(uma)
    store(member_of(ServerFactory()), authored_at=clock.now() - 9 * DAY)
    count()
    found = measured(server.pk)
    assert found.objects == 2
    assert 3 * DAY <= found.oldest_age < 3 * DAY + timedelta(minutes=1)


def test_how_old_anything_became_is_known_for_thirty_days_after_it_went(server, uma):
    old = store(uma, authored_at=clock.now() - 20 * DAY)
    store(uma, authored_at=clock.now() - 2 * DAY)
    count()
    EncryptedObject.objects.filter(pk=old.pk).delete()
    count()
    found = measured(server.pk)
    assert found.oldest_age < 3 * DAY
    assert 20 * DAY <= found.worst_age < 21 * DAY

    AgeReached.objects.update(day=utc_today() - LONGEST - DAY)
    again = measured(server.pk)
    assert again.worst_age == again.oldest_age


def test_what_goes_with_a_whole_day_is_known_too(server, as_owner):
    gone, age = utc_today() - DAY, timedelta(days=29, hours=23)
    as_owner.execute("SELECT content_make_partition(%s)", [gone])
    ObjectCount.objects.create(
        server_id=server.pk,
        expires_on=gone,
        kind="media",
        objects_held=1,
        bytes_held=1,
        oldest_at=clock.now() - age,
    )
    assert measured(server.pk).past_days == [gone]
    tasks.expire()
    assert gone not in partitions.days()
    assert age <= measured(server.pk).worst_age < age + timedelta(minutes=1)


def test_what_should_be_gone_is_counted_served_to_nobody_and_goes(server, uma, ada):
    late = store(uma, lasting=timedelta(hours=2))
    tasks.expire()
    put_back(late, timedelta(hours=3))
    found = measured(server.pk)
    assert (found.past_due, found.is_late, found.is_kept) == (1, False, False)
    assert available(uma) == set()
    assert "1 object should have been removed" in page(server, ada)

    tasks.expire()
    assert measured(server.pk).past_due == 0
    assert "Nothing is here that should be gone" in page(server, ada)


def test_a_sweep_that_stopped_is_red_here_on_the_status_page_and_in_readiness(server, ada, client):
    SweepRun.objects.list_all(SWEEPS)
    SweepRun.objects.update(ended_at=ClockNow())
    assert measured(server.pk).is_kept
    assert "Everything runs as it should" in client.get("/status/").content.decode()

    SweepRun.objects.filter(name=EXPIRE).update(ended_at=ClockNow() - OVERDUE)
    found = measured(server.pk)
    assert (found.is_late, found.is_kept, found.next_sweep_at) == (True, False, found.at)
    assert "Removal is late" in page(server, ada)
    status = client.get("/status/").content.decode()
    assert ("Something is late" in status, EXPIRE in status) == (True, True)
    assert str(server.pk) not in status
    assert f"sweep {EXPIRE} is late" in client.get("/readyz").json()["wrong"]


def test_what_expires_is_shown_day_by_day_for_each_kind(server, uma, ada):
    for kind in ("message", "media"):
        store(uma, kind=kind, lasting=10 * DAY)
    count()
    shown = page(server, ada)
    assert shown.count("Objects that expire on each day") == 2
