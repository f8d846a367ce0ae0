"""A server's policy: versions are only added, and none is longer than 30 days."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from servers.models import PolicyVersion
from servers.policy import SETTINGS, values_of
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


def test_a_first_policy_says_something_about_every_setting(server):
    policy = PolicyVersion.objects.in_force(server.pk)
    assert policy.ask_again_after == timedelta(0)
    assert (policy.removal_deletes, policy.deletion_needs_two) == (False, False)
    assert policy.tells_every_change


def test_nobody_can_be_let_ask_again_before_they_were_rejected(server):
    with pytest.raises(IntegrityError, match="asking_again"), transaction.atomic():
        PolicyVersionFactory(server=server, ask_again_after=-timedelta(1))


def test_every_setting_reads_and_writes_what_it_offers(server):
    for setting in SETTINGS.values():
        for code in setting.steps:
            version = PolicyVersion(**values_of({setting.name: code}))
            assert setting.read(version) == code
            assert setting.words(code)


def test_what_is_given_by_default_can_be_chosen():
    for setting in SETTINGS.values():
        assert setting.read(PolicyVersion()) in setting.steps
        assert list(setting.steps) == sorted(setting.steps)


def test_the_newest_of_each_server_is_found_in_one_query(server, mallory):
    PolicyVersionFactory(server=server)
    newest = PolicyVersion.objects.newest_of_each()
    assert {(v.server_id, v.number) for v in newest} == {
        (server.pk, 2),
        (mallory.server_id, 1),
    }


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
