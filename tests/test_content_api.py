"""Objects in the app API: what is asked of every request, and what it is told."""

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from content import listing, own_deletions
from content.lifetimes import whole_second
from content.models import EncryptedObject
from enigm_command.lib import clock, locator
from servers.models import Standing
from servers.models.policy import LARGEST_OBJECT
from tests.app import App
from tests.factories import DeletionOrderFactory, MembershipFactory, PolicyVersionFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16")]

NOWHERE = locator.make()


class Phone(App):
    """A member's app that stores and fetches on one server."""

    def __init__(self, server, subject="uma", **claims):
        super().__init__(subject, **claims)
        self.objects = f"/api/v1/servers/{server.locator}/objects"

    def send(self, body=None, **headers):
        body = sealed() if body is None else body
        return self.post(
            self.objects,
            body,
            content_type="application/octet-stream",
            headers=self.said(**headers),
        )

    def said(self, **headers):
        usual = {"Enigm-Kind": "message", "Enigm-Authored-At": clock.now().isoformat()}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {name: value for name, value in (usual | named).items() if value is not None}

    def send_by_hand(self, body, length):
        """As no honest client would: what is announced is not what comes."""
        announced = {} if length is None else {"CONTENT_LENGTH": length}
        announced["wsgi.input"] = io.BytesIO(body)
        return self.generic("POST", self.objects, headers=self.said(), **announced)


@pytest.fixture
def phone(server, uma):
    return Phone(server)


def refusal(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert set(problem) - {"order"} == {"type", "title", "status", "detail", "code"}
    return answer.status_code, problem["code"]


class TestStoring:
    """POST /servers/{locator}/objects"""

    @pytest.mark.parametrize("size", [0, LARGE])
    def test_what_is_stored_can_be_fetched(self, phone, size):
        body = sealed("Meet me at noon", size=size)
        answer = phone.send(body, Enigm_Kind="media")
        assert answer.status_code == 201
        said = answer.json()
        assert set(said) == {"id", "received_at", "expires_at"}
        fetched = phone.get(f"{phone.objects}/{said['id']}")
        assert b"".join(fetched) == body
        assert fetched.headers["Content-Type"] == "application/octet-stream"
        assert fetched.headers["Content-Length"] == str(len(body))
        assert fetched.headers["Cache-Control"] == "no-store"
        assert "Content-Disposition" not in fetched.headers

    def test_the_same_key_answers_with_the_same_object(self, server, phone):
        first = phone.send(Idempotency_Key="one")
        again = phone.send(Idempotency_Key="one")
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert in_storage(server) == 1

    @pytest.mark.requirement("R17")
    def test_the_conversation_shortens_the_life(self, phone):
        written = clock.now().replace(microsecond=0)
        answer = phone.send(Enigm_Authored_At=written.isoformat(), Enigm_Lifetime="3600")
        expires_at = datetime.fromisoformat(answer.json()["expires_at"])
        assert expires_at == written + timedelta(hours=1)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Enigm_Kind": None},
            {"Enigm_Kind": "text"},
            {"Enigm_Authored_At": None},
            {"Enigm_Authored_At": "yesterday"},
            {"Enigm_Authored_At": "1790000000"},
            {"Enigm_Authored_At": "2026-11-22T09:40:00"},
            {"Enigm_Authored_At": "2026-11-22"},
            {"Enigm_Lifetime": "0"},
            {"Enigm_Lifetime": "-5"},
            {"Enigm_Lifetime": "1 day"},
            {"Idempotency_Key": ""},
            {"Idempotency_Key": "k" * 256},
        ],
        ids=str,
    )
    def test_headers_of_another_form_are_refused(self, server, phone, headers):
        assert refusal(phone.send(**headers)) == (422, "invalid_request")
        assert in_storage(server) == 0

    @pytest.mark.parametrize("size", [0, LARGE])
    def test_what_is_not_sealed_is_refused(self, server, phone, size):
        answer = phone.send(b"Meet me at noon".ljust(size))
        assert refusal(answer) == (422, "not_an_encrypted_envelope")
        assert (in_storage(server), files_of(server)) == (0, [])

    @pytest.mark.parametrize(
        ("announced", "expected"),
        [
            (None, (411, "length_required")),
            ("", (411, "length_required")),
            ("-1", (411, "length_required")),
            ("many", (411, "length_required")),
            (str(LARGEST_OBJECT + 1), (413, "too_large")),
            ("0", (422, "not_an_encrypted_envelope")),
        ],
    )
    def test_the_length_is_announced_and_bounded(self, phone, announced, expected):
        assert refusal(phone.send_by_hand(b"", announced)) == expected

    @pytest.mark.parametrize("size", [0, LARGE])
    def test_a_body_shorter_than_announced_is_refused(self, server, phone, size):
        body = sealed(size=size)
        answer = phone.send_by_hand(body[:-1], str(len(body)))
        assert refusal(answer) == (400, "length_mismatch")
        assert (in_storage(server), files_of(server)) == (0, [])

    def test_what_was_deleted_is_not_taken_in_again(self, server, phone):
        DeletionOrderFactory(server=server)
        answer = phone.send(Enigm_Authored_At=(clock.now() - timedelta(days=1)).isoformat())
        assert refusal(answer) == (410, "already_deleted")

    @pytest.mark.requirement("R17")
    def test_what_is_over_is_not_taken_in(self, phone):
        answer = phone.send(Enigm_Authored_At=(clock.now() - timedelta(days=31)).isoformat())
        assert refusal(answer) == (410, "already_expired")

    @pytest.mark.requirement("R23")
    def test_the_policy_says_what_kinds_are_taken(self, server, phone):
        PolicyVersionFactory(server=server, media_allowed=False)
        assert refusal(phone.send(Enigm_Kind="media")) == (403, "not_by_policy")
        assert phone.send().status_code == 201


class TestListing:
    """GET /servers/{locator}/objects"""

    def listed(self, phone, after=""):
        answer = phone.get(phone.objects, {"after": after} if after else {})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def test_an_object_is_listed_without_its_body(self, uma, phone):
        stored = store(uma, body := sealed())
        (listed,) = self.listed(phone)["objects"]
        assert listed == {
            "id": stored.public_id,
            "author": str(uma.handle),
            "kind": "message",
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "authored_at": self.said(stored.authored_at),
            "received_at": self.said(stored.received_at),
            "expires_at": self.said(stored.expires_at),
        }

    def said(self, at):
        return DjangoJSONEncoder().default(at.astimezone(UTC))

    def test_pages_follow_each_other_even_through_one_moment(self, server, uma, phone, monkeypatch):
        monkeypatch.setattr(listing, "SIZE", 3)
        monkeypatch.setattr(listing, "OVERLAP", timedelta(0))
        stored = [store(uma).public_id for _ in range(8)]
        at = clock.now()
        EncryptedObject.objects.filter(server_id=server.pk).update(
            authored_at=whole_second(at), received_at=at, effective_at=at
        )
        seen, page = [], {"after": "", "more": True}
        while page["more"]:
            page = self.listed(phone, page["after"])
            seen += [listed["id"] for listed in page["objects"]]
        assert sorted(seen) == sorted(stored)

    def test_the_last_seconds_are_shown_again(self, uma, phone):
        """Somebody else's upload may still become visible among them."""
        stored = store(uma).public_id
        first = self.listed(phone)
        again = self.listed(phone, first["after"])
        assert [listed["id"] for listed in again["objects"]] == [stored]
        assert (first["more"], again["more"]) == (False, False)

    def test_a_burst_within_the_last_seconds_is_not_stepped_over(self, uma, phone, monkeypatch):
        monkeypatch.setattr(listing, "SIZE", 2)
        stored = [store(uma).public_id for _ in range(4)]
        page = self.listed(phone)
        assert not page["more"]
        monkeypatch.setattr(listing, "OVERLAP", timedelta(0))
        seen, page = [], {"after": page["after"], "more": True}
        while page["more"]:
            page = self.listed(phone, page["after"])
            seen += [listed["id"] for listed in page["objects"]]
        assert seen == stored

    @pytest.mark.parametrize("after", ["a", "!" * 32, "é", "A" * 32 + "=", "_" * 32])
    def test_only_what_was_given_out_is_a_cursor(self, phone, after):
        answer = phone.get(phone.objects, {"after": after})
        assert refusal(answer) == (422, "not_a_cursor")


class TestFetching:
    """GET /servers/{locator}/objects/{id}"""

    @pytest.mark.parametrize("name", ["a", "0" * 29, "a" * 29, "%20"])
    def test_what_is_no_object_id_names_nothing(self, phone, name):
        assert refusal(phone.get(f"{phone.objects}/{name}")) == (404, "not_found")

    @pytest.mark.requirement("R18")
    @pytest.mark.parametrize("size", [0, LARGE])
    def test_with_every_worker_stopped_a_fresh_order_is_obeyed_at_once(
        self, server, uma, phone, size
    ):
        stored = store(uma, sealed(size=size))
        path = f"{phone.objects}/{stored.public_id}"
        assert b"".join(phone.get(path))
        DeletionOrderFactory(server=server)
        assert refusal(phone.get(path)) == (404, "not_found")
        assert phone.get(phone.objects).json()["objects"] == []
        assert in_storage(server) == 1

    @pytest.mark.requirement("R17")
    def test_with_every_worker_stopped_nothing_is_served_after_its_time(self, server, uma, phone):
        stored = store(uma, authored_at=clock.now() - timedelta(hours=2))
        path = f"{phone.objects}/{stored.public_id}"
        PolicyVersionFactory(server=server, message_lifetime=timedelta(hours=1))
        assert refusal(phone.get(path)) == (404, "not_found")
        assert in_storage(server) == 1

    def test_bytes_that_a_purge_took_between_row_and_file_are_not_there(self, server, uma, phone):
        stored = store(uma, sealed(size=LARGE))
        files_of(server)[0].unlink()
        assert phone.get(f"{phone.objects}/{stored.public_id}").status_code == 404


@pytest.mark.requirement("R18")
class TestDeleting:
    """DELETE /servers/{locator}/objects/{id} and ?mine"""

    def test_ones_own_object_is_gone_at_once(self, uma, phone):
        gone, kept = store(uma), store(uma)
        path = f"{phone.objects}/{gone.public_id}"
        assert phone.delete(path).status_code == 204
        assert phone.delete(path).status_code == 204  # said twice, done once
        assert phone.get(path).status_code == 404
        assert available(uma) == {kept.id}

    def test_somebody_elses_is_not(self, server, uma, phone):
        theirs = store(member_of(server, "max"))
        path = f"{phone.objects}/{theirs.public_id}"
        assert refusal(phone.delete(path)) == (403, "not_your_own")
        DeletionOrderFactory(server=server)
        assert refusal(phone.delete(path)) == (404, "not_found")
        assert refusal(phone.delete(f"{phone.objects}/nothing")) == (404, "not_found")

    def test_everything_of_ones_own_goes_when_it_is_said_so(self, server, uma, phone):
        store(uma), store(uma, sealed(size=LARGE))
        theirs = store(member_of(server, "max"))
        assert refusal(phone.delete(phone.objects)) == (422, "invalid_request")
        answer = phone.delete(f"{phone.objects}?mine")
        assert answer.status_code == 200
        assert datetime.fromisoformat(answer.json()["deleted_up_to"]) <= clock.now()
        assert available(uma) == {theirs.id}

    @pytest.mark.parametrize("standing", [Standing.RESTRICTED, Standing.SUSPENDED])
    def test_no_suspension_keeps_members_from_their_own(self, server, uma, phone, standing):
        first, second = store(uma), store(uma)
        with excused():
            type(server).objects.filter(pk=server.pk).update(standing=standing)
        assert phone.delete(f"{phone.objects}/{first.public_id}").status_code == 204
        assert phone.delete(f"{phone.objects}?mine=true").status_code == 200
        assert not own_deletions.delete_one(uma, second.public_id) or not available(uma)


@pytest.mark.requirement("R3")
class TestWhoMay:
    """Every route asks every condition."""

    def every_route(self, phone, object_id):
        one = f"{phone.objects}/{object_id}"
        return [
            phone.send(),
            phone.get(phone.objects),
            phone.get(one),
            phone.delete(one),
            phone.delete(f"{phone.objects}?mine"),
        ]

    def test_a_stranger_is_told_the_same_as_of_no_server(self, server, uma):
        stored = store(uma).public_id
        here = self.every_route(Phone(server, "stranger"), stored)
        phone = Phone(server, "stranger")
        phone.objects = f"/api/v1/servers/{NOWHERE}/objects"
        nowhere = self.every_route(phone, stored)
        assert [refusal(answer) for answer in here] == [(403, "not_admitted")] * 5
        assert [json.loads(a.content) for a in here] == [json.loads(a.content) for a in nowhere]

    def test_a_removed_member_is_out_with_the_next_request(self, server, uma, phone):
        stored = store(uma).public_id
        with excused():
            uma.membership.delete()
        answers = self.every_route(phone, stored)
        assert [refusal(answer) for answer in answers] == [(403, "not_admitted")] * 5

    def test_a_suspended_server_neither_takes_nor_gives(self, server, uma, phone):
        stored = store(uma).public_id
        with excused():
            type(server).objects.filter(pk=server.pk).update(standing=Standing.SUSPENDED)
        statuses = [answer.status_code for answer in self.every_route(phone, stored)]
        assert statuses == [403, 403, 403, 204, 200]

    def test_a_restricted_server_gives_and_takes_nothing(self, server, uma, phone):
        store(uma)
        with excused():
            type(server).objects.filter(pk=server.pk).update(standing=Standing.RESTRICTED)
        assert refusal(phone.send()) == (403, "not_in_this_standing")
        assert len(phone.get(phone.objects).json()["objects"]) == 1

    def test_a_device_without_trust_neither_stores_nor_reads(self, server, uma):
        phone = Phone(server, device_trust="lost")
        answers = self.every_route(phone, store(uma).public_id)
        assert [refusal(a) for a in answers[:3]] == [(403, "device_not_trusted")] * 3

    def test_a_mistyped_server_id_is_told_before_anything_is_looked_up(self, phone):
        phone.objects = "/api/v1/servers/EN-0000/objects"
        assert refusal(phone.send()) == (422, "mistyped_server_id")

    def test_membership_on_one_server_opens_no_other(self, server, uma, mallory):
        theirs = mallory.warrant.server
        MembershipFactory(server=theirs, subject="max")
        stored = store(uma).public_id
        answer = Phone(theirs, "max").get(f"/api/v1/servers/{theirs.locator}/objects/{stored}")
        assert answer.status_code == 404
        assert Phone(server, "max").get(Phone(server).objects).status_code == 403
