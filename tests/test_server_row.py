"""What the database itself holds about a server."""

import pytest
from django.db import IntegrityError, connection, transaction

from servers.models import Region, Server
from servers.regions import storage_alias
from tests.factories import ServerFactory
from tests.support import excused

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("R9")
def test_a_server_never_changes_its_region(server):
    with pytest.raises(IntegrityError, match="a server's region is fixed"), excused():
        Server.objects.filter(pk=server.pk).update(region=Region.ASIA)


@pytest.mark.requirement("R9")
def test_saving_a_server_unchanged_does_not_trip_over_its_region(server):
    with excused():
        Server.objects.filter(pk=server.pk).update(region=server.region)


@pytest.mark.requirement("R9")
def test_a_region_is_one_of_three_and_each_has_its_own_storage(settings):
    aliases = {storage_alias(region) for region in Region}
    assert len(aliases) == 3
    assert aliases <= set(settings.STORAGES)
    with pytest.raises(ValueError, match="moon"):
        storage_alias("moon")


@pytest.mark.requirement("R9")
def test_an_unknown_region_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="server_region_known"), transaction.atomic():
        ServerFactory(region="moon")


@pytest.mark.requirement("R11")
def test_a_server_id_is_given_out_once(server):
    with pytest.raises(IntegrityError), transaction.atomic():
        ServerFactory(locator=server.locator)


@pytest.mark.requirement("R29")
def test_the_name_is_sealed_under_the_servers_own_key(server):
    stored = Server.objects.values_list("name", flat=True).get(pk=server.pk)
    assert b"Atelier" not in bytes(stored)
    assert Server.objects.get(pk=server.pk).name == "Atelier North"


@pytest.mark.requirement("R25")
def test_a_tombstone_keeps_no_name(server):
    row = Server.objects.filter(pk=server.pk)
    with pytest.raises(IntegrityError, match="server_tombstone_keeps_no_name"), excused():
        row.update(standing="deleted")


@pytest.mark.requirement("R5")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE servers_server SET standing = 'suspended' WHERE id = %s",
        "UPDATE servers_server SET locator = 'EN-0' WHERE id = %s",
        "UPDATE servers_server SET name = NULL WHERE id = %s",
        "INSERT INTO lifecycle_suspension (id, server_id, party, placed_at, code)"
        " VALUES (gen_random_uuid(), %s, 'server', now(), '')",
        "INSERT INTO lifecycle_serverdeletion"
        " (id, server_id, due_at, lease_until, fence, needs_two, at_once, code, party)"
        " VALUES (gen_random_uuid(), %s, now(), now(), 0, false, false, '', 'server')",
        "DELETE FROM servers_administrator WHERE server_id = %s",
    ],
    ids=lambda statement: " ".join(statement.split()[:5]),
)
def test_no_change_of_a_server_is_committed_without_an_entry(statement):
    server = ServerFactory()
    with pytest.raises(IntegrityError, match="without an audit event"), transaction.atomic():
        connection.cursor().execute(statement, [server.pk])
