"""One person on two servers: nothing that is stored for the one is found at the other."""

import pytest
from django.db import connection

from membership import compare, handles
from membership.models import Block, JoinRequest, Membership
from tests.app import App
from tests.factories import BlockFactory, MembershipFactory, ServerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R15")]

SAME_EVERYWHERE = {"decision", "grounds", "told_at", "decided_at", "until"}  # say nothing of anyone


def stored_of_uma() -> set[str]:
    """Every value of every row that comes of Uma's being on one server, as it lies in the table."""
    server, uma = ServerFactory(), App("uma")
    uma.ask(server.locator, display_name="Uma Oliveira", note="From the print desk")
    MembershipFactory(server=server, subject="uma", display_name="Uma Oliveira")
    BlockFactory(server=server, subject="uma", reason="Asked to be left alone")
    return {value for model in (JoinRequest, Membership, Block) for value in cells(model, server)}


def cells(model, server) -> list[str]:
    table = model._meta.db_table
    names = [field.column for field in model._meta.concrete_fields if not is_common(field.column)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {table} WHERE server_id = %s", [server.pk])
        (row,) = cursor.fetchall()
    return [repr(part) for value in row for part in (value if isinstance(value, list) else [value])]


def is_common(column: str) -> bool:
    return column in SAME_EVERYWHERE or column.endswith("_at") or column == "since"


def test_no_value_of_one_person_is_the_same_on_two_servers():
    here, there = stored_of_uma(), stored_of_uma()
    assert len(here) > 12
    assert not here & there


def test_handles_and_codes_are_others_on_another_server():
    here, there = ServerFactory(), ServerFactory()
    of = {
        server: {
            handles.member_handle(server.pk, "uma"),
            handles.device_handle(server.pk, "uma", "phone"),
            handles.short(handles.member_handle(server.pk, "uma")),
            compare.code("key of uma", server.locator),
        }
        for server in (here, there)
    }
    assert len(of[here] | of[there]) == 8


def test_devices_of_two_people_that_are_called_alike_are_two():
    server = ServerFactory()
    assert handles.device_handle(server.pk, "uma", "phone") != handles.device_handle(
        server.pk, "vera", "phone"
    )


def test_what_is_account_and_what_is_device_cannot_be_mistaken():
    server = ServerFactory()
    made = {
        handles.device_handle(server.pk, "uma", "phone"),
        handles.device_handle(server.pk, "umap", "hone"),
        handles.member_handle(server.pk, "uma"),
        handles.member_handle(server.pk, "umaphone"),
    }
    assert len(made) == 4
