"""Whoever uses the product keeps what its logs have signed: devices, and administrators."""

from base64 import b64decode

import pytest

from audit import checkpoint
from audit.note import Checkpoint
from servers.actions import rename_server
from tests.app import App
from tests.factories import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R28")]


@pytest.fixture
def phone(server, ada):
    MembershipFactory(server=server, subject="uma")
    rename_server(server, "Quay", by=ada)
    return App("uma")


def opened(server, note):
    return Checkpoint.open(note, checkpoint.verifiers(server.pk))


def test_a_device_can_ask_what_the_log_signs(server, phone):
    note = phone.get(f"/api/v1/servers/{server.locator}/checkpoint").content.decode()
    assert opened(server, note).size == 1


def test_a_device_that_lists_objects_is_handed_the_last_checkpoint(server, phone):
    checkpoint.latest(server.pk)
    answer = phone.get(f"/api/v1/servers/{server.locator}/objects")
    note = b64decode(answer.headers["Enigm-Checkpoint"]).decode()
    assert opened(server, note) == checkpoint.latest(server.pk)
