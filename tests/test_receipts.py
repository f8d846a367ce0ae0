"""What a receipt says, and what it must not."""

import json
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from audit.vocabulary import Action
from content import receipts, tasks
from content.actions import order_deletion
from content.models import Receipt
from content.scope import EVERYTHING, Scope
from enigm_command.lib import clock
from tests.objects import LARGE, sealed, store
from tests.search import says
from tests.support import events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18")]


@pytest.fixture
def receipt(server, uma, ada):
    """Three objects went, one of them large; two came after the review."""
    for size in (0, 0, LARGE):
        store(uma, sealed(size=size))
    reviewed_at = clock.now()
    for _ in range(2):
        store(uma, authored_at=reviewed_at)
    order = order_deletion(
        server,
        Scope(author=uma.handle),
        order_id=uuid4(),
        cutoff_at=reviewed_at,
        previewed=3,
        reason="Device reported stolen",
        by=ada,
    )
    tasks.purge(str(order.pk))
    order.refresh_from_db()
    return Receipt.objects.get(order_id=order.pk), order


def test_it_says_what_was_ordered_what_went_and_what_a_second_look_found(server, uma, receipt):
    receipt, order = receipt
    ordered, _ = events_of(server)
    said = receipt.said
    times = said.pop("times")
    assert said == {
        "format": "enigm-command/deletion-receipt/1",
        "order": str(order.pk),
        "number": 1,
        "server": str(server.pk),
        "scope": {"reaches": "member", "member": str(uma.handle)},
        "previewed": 3,
        "removed": {"objects": 3, "bytes": order.purged_bytes},
        "second_look": {"rows": 0, "files": 0, "uploads": 0},
        "newer_remaining": 2,
        "devices": {
            "known": 0,
            "applied": 0,
            "not_applied": [],
            "copies_expire_by": (order.cutoff_at + timedelta(days=30)).date().isoformat(),
        },
        "log_entry": {"number": ordered.seq, "hash": bytes(ordered.leaf_hash).hex()},
        "checkpoint": {"size": 1, "root": bytes(ordered.leaf_hash).hex()},
    }
    assert times["cutoff"] < times["ordered"] < times["finished"]


@pytest.mark.requirement("R28")
def test_its_digest_stands_in_the_log(server, receipt):
    receipt, order = receipt
    completed = events_of(server)[-1]
    assert completed.action == Action.DELETION_COMPLETED
    assert completed.data == {
        "capacity": "schedule",
        "number": 1,
        "order": str(order.pk),
        "receipt": sha256(receipt.document.encode()).hexdigest(),
        "removed": 3,
    }


@pytest.mark.requirement("R21")
def test_it_holds_no_words_of_people(receipt):
    text = receipt[0].document
    for word in ("ada", "uma", "stolen", "Atelier"):
        assert not says(word, text)


@pytest.mark.requirement("R5")
@pytest.mark.django_db(transaction=True)
def test_it_is_not_changed_afterwards(receipt):
    mine = Receipt.objects.filter(pk=receipt[0].pk)
    for change in (lambda: mine.update(document="{}"), mine.delete):
        with pytest.raises(IntegrityError, match="without an audit event"), transaction.atomic():
            change()


def test_one_object_is_named_by_the_id_that_people_know(server, uma, ada):
    gone = store(uma)
    scope = Scope(object_id=gone.id, expires_on=gone.expires_on)
    order = order_deletion(server, scope, order_id=uuid4(), by=ada)
    tasks.purge(str(order.pk))
    said = Receipt.objects.get(order_id=order.pk).said
    assert said["scope"] == {"reaches": "object", "object": gone.public_id}
    assert said["newer_remaining"] == 0


def test_each_order_finds_its_own_entry(server, ada):
    first, second = (order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada) for _ in "12")
    assert [receipts.entry_of(order).seq for order in (first, second)] == [0, 1]
    assert receipts.entry_of(first).actor_name == "ada"


def test_the_entry_is_found_though_a_clock_stepped_back(server, ada):
    order = order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada)
    order.placed_at += timedelta(hours=1)
    assert receipts.entry_of(order).seq == 0


def test_the_document_is_the_same_text_however_it_is_read(receipt):
    document = receipt[0].document
    assert json.dumps(json.loads(document), indent=2, sort_keys=True) + "\n" == document
