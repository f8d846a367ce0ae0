"""How large, how often and how much: what is taken in has bounds, and each refusal says which."""

from datetime import timedelta

import pytest

from content import intake
from content.models import EncryptedObject, Gate, IntakeKey
from enigm_command.lib import clock, throttle
from enigm_command.lib.throttle import Limit
from servers.models.policy import LARGEST_OBJECT
from tests.factories import DeletionOrderFactory, PolicyVersionFactory
from tests.objects import LARGE, files_of, in_storage, member_of, sealed, store
from tests.support import excused
from tests.test_content_api import Phone, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16")]


@pytest.fixture
def phone(server, uma):
    return Phone(server)


def room_for(server, octets):
    with excused():
        Gate.objects.filter(pk=server.pk).update(room_bytes=octets)


@pytest.mark.requirement("R23")
class TestSize:
    """The policy says how large an object may be; the platform, how large at the very most."""

    def test_what_is_larger_than_the_policy_allows_is_refused_before_it_is_kept(
        self, server, phone
    ):
        PolicyVersionFactory(server=server, largest_object=2**20)
        answer = phone.send(sealed(size=2**20))
        assert refusal(answer) == (413, "too_large")
        assert answer.json()["detail"] == "An object has at most 1 MiB here."
        assert (in_storage(server), files_of(server)) == (0, [])
        assert phone.send(sealed(size=LARGE)).status_code == 201

    def test_no_policy_allows_more_than_the_platform(self, server, phone):
        answer = phone.send_by_hand(b"", str(LARGEST_OBJECT + 1))
        assert refusal(answer) == (413, "too_large")
        assert answer.json()["detail"] == "An object has at most 1 GiB here."

    def test_a_smaller_limit_takes_nothing_away(self, server, uma, phone):
        stored = store(uma, body := sealed(size=LARGE))
        PolicyVersionFactory(server=server, largest_object=1000)
        assert b"".join(phone.get(f"{phone.objects}/{stored.public_id}")) == body


class TestRoom:
    """What a server may hold in all."""

    def test_a_full_server_says_so_and_when_to_try_again(self, server, phone):
        room_for(server, 100)
        for body in (sealed(), sealed(size=LARGE)):
            answer = phone.send(body)
            assert refusal(answer) == (507, "no_room")
            assert answer.headers["Retry-After"] == "3600"
        assert (in_storage(server), files_of(server)) == (0, [])

    def test_an_upload_that_was_let_in_has_its_place(self, server, uma, phone, monkeypatch):
        """Counted meanwhile, a large one would else be asked to fit in beside itself."""
        body = sealed(size=LARGE)
        room_for(server, len(body))
        keep = intake.blobs.keep

        def keep_and_count(name, arrival):
            keep(name, arrival)
            room_for(server, 0)

        monkeypatch.setattr(intake.blobs, "keep", keep_and_count)
        assert phone.send(body).status_code == 201


class TestTooMany:
    """Nobody stores without end. What is refused leaves nothing, and says how long to wait."""

    @pytest.fixture
    def few(self, monkeypatch):
        monkeypatch.setitem(throttle.LIMITS, "store-member", Limit(2, timedelta(minutes=10)))
        monkeypatch.setitem(throttle.LIMITS, "store-server", Limit(3, timedelta(minutes=10)))

    def test_a_member_has_so_many_uploads_at_once(self, server, phone, few):
        assert [phone.send().status_code for _ in range(2)] == [201, 201]
        answer = phone.send()
        assert refusal(answer) == (429, "too_many")
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert in_storage(server) == 2

    def test_and_so_have_all_members_of_a_server_together(self, server, phone, few):
        member_of(server, "max")
        another = Phone(server, "max")
        statuses = [each.send().status_code for each in (phone, another, phone, another)]
        assert statuses == [201, 201, 201, 429]

    def test_a_stranger_takes_up_nobodys_place(self, server, phone, few):
        strangers = [Phone(server, f"stranger {number}").send() for number in range(5)]
        assert {answer.status_code for answer in strangers} == {403}
        assert phone.send().status_code == 201

    def test_another_server_is_not_concerned(self, server, phone, few, mallory):
        theirs = mallory.warrant.server
        member_of(theirs)
        assert [Phone(theirs).send().status_code for _ in range(2)] == [201, 201]
        assert phone.send().status_code == 201


@pytest.mark.requirement("R17", "R18")
class TestGone:
    """410 says why, and by which order."""

    def offered(self, phone, days=1, **said):
        written = clock.now() - timedelta(days=days)
        return phone.send(Enigm_Authored_At=written.isoformat(), **said)

    def test_the_newest_order_that_reaches_it_is_named(self, server, uma, phone):
        orders = [DeletionOrderFactory(server=server, **scope) for scope in ({}, {"kind": "media"})]
        for kind, order in (("message", orders[0]), ("media", orders[1])):
            answer = self.offered(phone, Enigm_Kind=kind)
            assert refusal(answer) == (410, "already_deleted")
            assert answer.json()["order"] == order.number
            assert answer.json()["detail"] == f"This object was deleted by order {order}."

    def test_an_order_that_does_not_reach_it_is_not_named(self, server, uma, phone):
        order = DeletionOrderFactory(server=server, author=uma.handle)
        max_handle = member_of(server, "max").handle
        DeletionOrderFactory(server=server, author=max_handle)
        assert self.offered(phone).json()["order"] == order.number

    def test_what_its_author_deleted_names_no_order(self, server, uma, phone):
        assert phone.delete(f"{phone.objects}?mine").status_code == 200
        answer = self.offered(phone)
        assert refusal(answer) == (410, "already_deleted")
        assert "order" not in answer.json()

    def test_sent_again_with_its_key_it_is_told_of_the_order_too(self, server, uma, phone):
        stored = phone.send(Idempotency_Key="one").json()
        row = EncryptedObject.objects.get(server_id=server.pk)
        order = DeletionOrderFactory(server=server, object_id=row.id, expires_on=row.expires_on)
        answer = phone.send(Idempotency_Key="one")
        assert (stored["id"], answer.json()["order"]) == (row.public_id, order.number)

    def test_sent_again_after_its_time_it_is_over_and_was_not_deleted(self, server, phone):
        written = (clock.now() - timedelta(hours=2)).isoformat()
        said = {"Enigm_Authored_At": written, "Idempotency_Key": "one"}
        assert phone.send(**said).status_code == 201
        PolicyVersionFactory(server=server, message_lifetime=timedelta(hours=1))
        assert refusal(phone.send(**said)) == (410, "already_expired")
        assert IntakeKey.objects.filter(server_id=server.pk).count() == 1
