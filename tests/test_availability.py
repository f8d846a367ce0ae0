"""What devices may fetch. Nothing here ever runs a worker."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from content import partitions
from content.models import EncryptedObject, Gate
from content.scope import EVERYTHING
from enigm_command.lib import clock
from tests.factories import DeletionOrderFactory, PolicyVersionFactory, ServerFactory
from tests.objects import available, in_storage, member_of, put_back, store

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]


def at(access, moment):
    return EncryptedObject.objects.available(access, moment)


def test_nothing_is_served_after_its_time(uma):
    kept = store(uma, lasting=timedelta(hours=1))
    assert at(uma, kept.expires_at - timedelta(seconds=1)).exists()
    assert not at(uma, kept.expires_at).exists()


def test_the_database_clock_decides(server, uma):
    written = clock.now() - timedelta(minutes=10)
    stored = store(uma, authored_at=written, lasting=timedelta(minutes=10, seconds=8))
    assert available(uma) == {stored.id}
    put_back(stored, timedelta(seconds=16))
    assert (available(uma), in_storage(server)) == (set(), 1)


@pytest.mark.requirement("R22")
@pytest.mark.parametrize("kind", ["message", "media"])
def test_a_shorter_policy_is_a_moving_age_limit_for_what_is_stored_already(server, uma, kind):
    old = store(uma, authored_at=clock.now() - timedelta(hours=3), kind=kind)
    young = store(uma, authored_at=clock.now() - timedelta(hours=1), kind=kind)
    other = store(
        uma,
        authored_at=clock.now() - timedelta(hours=3),
        kind={"message": "media", "media": "message"}[kind],
    )
    PolicyVersionFactory(server=server, **{f"{kind}_lifetime": timedelta(hours=2)})
    assert available(member_of(server)) == {young.id, other.id}
    assert EncryptedObject.objects.get(pk=old.pk).expires_at == old.expires_at


@pytest.mark.requirement("R16")
def test_every_server_has_its_own_content(uma):
    theirs = store(member_of(ServerFactory(), "uma"))
    assert available(uma) == set()
    found = EncryptedObject.objects.available(uma).by_public_id(uma.server.pk, theirs.public_id)
    assert not found.exists()


@pytest.mark.parametrize("scope", [{}, {"kind": "message"}])
def test_an_order_reviewed_earlier_does_not_bring_back_what_a_later_one_took(uma, scope):
    """The newest cutoff of a scope counts, not the last one written."""
    reviewed_at = clock.now() - timedelta(minutes=4)
    store(uma)
    DeletionOrderFactory(server=uma.server, **scope)
    DeletionOrderFactory(server=uma.server, **scope, cutoff_at=reviewed_at)
    assert available(uma) == set()


def test_the_floor_moves_only_forward(server):
    newest = DeletionOrderFactory(server=server).cutoff_at
    DeletionOrderFactory(server=server, cutoff_at=newest - timedelta(minutes=4))
    assert Gate.objects.get(pk=server.pk).floor == newest


def test_a_public_id_opens_one_partition(uma):
    stored = store(uma)
    found = EncryptedObject.objects.available(uma).by_public_id(uma.server.pk, stored.public_id)
    assert found.get() == stored
    assert len(set(re.findall(r"content_encryptedobject_\d{8}", found.explain()))) == 1


def test_a_list_opens_no_partition_of_a_past_day(uma):
    yesterday = clock.now().date() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_make_partition(%s)", [yesterday])
    plan = EncryptedObject.objects.available(uma).explain(analyze=True).splitlines()
    opened = [line for line in plan if partitions.name_of(yesterday) in line]
    assert all("never executed" in line for line in opened)


def test_what_reaches_an_object_is_its_scope_and_no_further(uma):
    mine, media = store(uma), store(uma, kind="media")
    theirs = store(member_of(uma.server, "max"))
    DeletionOrderFactory(server=uma.server, author=uma.handle, kind="message")
    assert available(uma) == {media.id, theirs.id}
    DeletionOrderFactory(server=uma.server, author=uuid4())
    DeletionOrderFactory(server=uma.server, kind="media")
    assert available(uma) == {theirs.id}
    assert mine.id not in available(uma)
    assert DeletionOrderFactory(server=uma.server).scope == EVERYTHING
    assert available(uma) == set()
