"""A server's policy: versions are only added, and none is longer than 30 days."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from servers.models import PolicyVersion
from tests.factories import PolicyVersionFactory
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R23")]


def test_the_newest_version_is_in_force(server):
    PolicyVersionFactory(server=server, media_allowed=False)
    assert PolicyVersion.objects.in_force(server.pk).number == 2
    assert not PolicyVersion.objects.in_force(server.pk).allows("media")


def test_a_first_policy_is_the_longest_that_can_be(server):
    policy = PolicyVersion.objects.in_force(server.pk)
    assert policy.lifetime_of("message") == policy.lifetime_of("media") == timedelta(days=30)
    assert policy.deletion_delay == timedelta(hours=72)
    assert policy.joins_open


def test_only_the_known_kinds_are_allowed(server):
    policy = PolicyVersion.objects.in_force(server.pk)
    assert policy.allows("message")
    assert policy.allows("media")
    assert not policy.allows("plaintext")


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("kind", ["message_lifetime", "media_lifetime"])
@pytest.mark.parametrize("length", [timedelta(days=30, seconds=1), timedelta(0), -timedelta(1)])
def test_no_version_lets_anything_live_longer_than_30_days_or_not_at_all(server, kind, length):
    with pytest.raises(IntegrityError, match=f"policy_{kind}_within_30_days"), transaction.atomic():
        PolicyVersionFactory(server=server, **{kind: length})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE servers_policyversion SET joins_open = false WHERE server_id = %s",
        "DELETE FROM servers_policyversion WHERE server_id = %s",
    ],
)
def test_a_version_is_never_changed_or_removed(server, statement):
    with pytest.raises(IntegrityError, match="only ever added"), excused():
        connection.cursor().execute(statement, [server.pk])


def test_a_number_is_given_once(server):
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersionFactory(server=server, number=1)
