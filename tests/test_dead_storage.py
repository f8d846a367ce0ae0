"""The storage of a region is away: devices are told to try again, and nothing is left half done."""

import logging
from datetime import timedelta

import pytest

from content import expiry, tasks
from content.models import EncryptedObject, State
from enigm_command.environment import bodies
from servers.regions import storage_alias
from tests.factories import DeletionOrderFactory
from tests.objects import LARGE, available, files_of, in_storage, sealed, store
from tests.test_content_api import Phone, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R22")]

AWAY = (503, "storage_unavailable")


@pytest.fixture
def phone(server, uma):
    return Phone(server)


@pytest.fixture
def ends(server, settings, tmp_path):
    """Call it, and the storage of the server's region is gone for the rest of the test: where its
    folder was lies a file. What a bucket behind a closed port does, `s3_bodies` tries."""

    def end():
        (place := tmp_path / "bodies").write_bytes(b"")
        away = bodies("", "", place)
        settings.STORAGES = settings.STORAGES | {storage_alias(server.region): away}

    return end


def test_an_upload_is_refused_for_now_and_the_log_says_why(uma, phone, ends, caplog):
    ends()
    with caplog.at_level(logging.ERROR, "content.blobs"):
        answer = phone.send(sealed(size=LARGE), Idempotency_Key="one")
    assert (refusal(answer), answer.headers["Retry-After"]) == (AWAY, "30")
    assert "storage did not keep a body" in caplog.text
    assert available(uma) == set()


def test_a_fetch_is_refused_for_now_and_not_said_to_be_lost(uma, phone, ends, caplog):
    stored = store(uma, sealed(size=LARGE))
    ends()
    answer = phone.get(f"{phone.objects}/{stored.public_id}")
    assert (refusal(answer), answer.headers["Retry-After"]) == (AWAY, "30")
    assert "storage did not give out a body" in caplog.text
    assert EncryptedObject.objects.get(pk=stored.pk).state == State.READY


def test_what_lies_in_its_row_is_served_all_the_same(uma, phone, ends):
    stored = store(uma, body := sealed())
    ends()
    assert b"".join(phone.get(f"{phone.objects}/{stored.public_id}")) == body
    assert phone.send(sealed()).status_code == 201


def test_the_same_upload_goes_through_once_the_storage_is_back(uma, phone, ends, settings):
    sound = settings.STORAGES
    ends()
    phone.send(body := sealed(size=LARGE), Idempotency_Key="one")
    settings.STORAGES = sound
    assert phone.send(body, Idempotency_Key="one").status_code == 201
    assert len(available(uma)) == 1


def test_the_row_of_an_upload_that_failed_goes_with_the_next_sweep(
    server, phone, ends, settings, monkeypatch
):
    sound = settings.STORAGES
    ends()
    phone.send(sealed(size=LARGE))
    settings.STORAGES = sound
    assert EncryptedObject.objects.get(server_id=server.pk).state == State.PENDING
    monkeypatch.setattr(expiry, "PATIENCE", timedelta(0))
    assert tasks.expire()
    assert (in_storage(server), files_of(server)) == (0, [])


class TestLost:
    """What storage lost, offered again."""

    @pytest.fixture
    def lost(self, server, phone):
        answer = phone.send(body := sealed(size=LARGE), Idempotency_Key="one")
        files_of(server)[0].unlink()
        assert tasks.reconcile()
        return body, answer.json()["id"]

    def test_it_is_not_said_to_be_deleted(self, phone, lost):
        answer = phone.send(lost[0], Idempotency_Key="one")
        assert refusal(answer) == (409, "bytes_missing")

    def test_it_may_come_anew_under_a_key_of_its_own(self, phone, lost):
        anew = phone.send(lost[0], Idempotency_Key="two")
        assert anew.status_code == 201
        assert anew.json()["id"] != lost[1]

    @pytest.mark.requirement("R18")
    def test_what_an_order_reached_stays_deleted_under_any_key(self, server, phone, lost):
        order = DeletionOrderFactory(server=server)
        for key in ("one", "two"):
            written = EncryptedObject.objects.get().authored_at.isoformat()
            answer = phone.send(lost[0], Idempotency_Key=key, Enigm_Authored_At=written)
            assert refusal(answer) == (410, "already_deleted")
            assert answer.json()["order"] == order.number
