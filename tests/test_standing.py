"""Standing follows from the open records: the gravest one shows, and each goes its own way."""

from threading import Barrier

import pytest
from django.db import transaction

from audit.vocabulary import Capacity
from lifecycle.models import Party, ServerDeletion, Suspension
from lifecycle.standing import settle
from servers.models import Server, Standing
from tests.factories import ServerDeletionFactory, ServerFactory, SuspensionFactory
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]


def settled(server):
    with excused():
        standing = settle(server)
    assert Server.objects.get(pk=server.pk).standing == standing
    return standing


def test_without_records_a_server_is_active(server):
    assert settled(server) == Standing.ACTIVE


@pytest.mark.parametrize("party", Party)
def test_one_open_suspension_suspends(server, party):
    SuspensionFactory(server=server, party=party)
    assert settled(server) == Standing.SUSPENDED


def test_lifting_one_of_two_suspensions_leaves_the_other(server):
    SuspensionFactory(server=server, party=Party.SERVER)
    SuspensionFactory(server=server, party=Party.PLATFORM)
    with excused():
        assert Suspension.objects.lift(server, Party.SERVER)
    assert settled(server) == Standing.SUSPENDED


def test_a_deletion_is_graver_than_a_suspension_and_calling_it_off_shows_the_suspension(server):
    SuspensionFactory(server=server)
    deletion = ServerDeletionFactory(server=server)
    assert settled(server) == Standing.DELETING

    with excused():
        assert ServerDeletion.objects.call_off(deletion.server)
    assert settled(server) == Standing.SUSPENDED


def test_other_servers_records_change_nothing_here(server):
    SuspensionFactory()
    assert settled(server) == Standing.ACTIVE


@pytest.mark.requirement("R26")
def test_each_party_lifts_only_what_it_placed():
    assert Party.of(Capacity.OPERATOR) == Party.PLATFORM
    assert {Party.of(capacity) for capacity in Capacity if capacity != Capacity.OPERATOR} == {
        Party.SERVER
    }


@pytest.mark.django_db(transaction=True)
def test_of_two_records_at_the_same_moment_the_graver_one_shows(elsewhere):
    server, together = ServerFactory(), Barrier(2)

    def place(factory):
        with transaction.atomic():
            factory(server=server)
            together.wait()
            settle(server)

    for placed in [
        elsewhere(lambda f=f: place(f)) for f in (SuspensionFactory, ServerDeletionFactory)
    ]:
        placed.result()
    assert Server.objects.get(pk=server.pk).standing == Standing.DELETING
