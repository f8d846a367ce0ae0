"""Personal values leave a log by an entry, and by nothing else; the tree stays what it was."""

import pytest
from django.db import DatabaseError, transaction

from audit import tree
from audit.erasure import erase_stream
from audit.models import AuditEvent, AuditPrivate, AuditStream
from audit.recording import recording
from audit.vocabulary import Action
from tests.support import events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R25", "R27", "R28")]


@pytest.fixture
def recorded(server, ada):
    with recording(Action.SERVER_RENAMED, by=ada, server=server) as entry:
        entry.private["before"] = "Old North"
    return server


def test_a_value_opens_beside_its_entry_and_is_not_in_it(recorded):
    (event,) = events_of(recorded)
    assert event.private == {"actor": "ada", "before": "Old North"}
    assert b"Old North" not in bytes(event.leaf)
    assert b"ada" not in bytes(event.leaf)


def test_erasing_leaves_one_entry_that_counts_what_went(recorded):
    assert erase_stream(recorded.pk, "asked") == 2
    first, erased = events_of(recorded)
    assert (first.private, first.actor_name) == ({}, "erased")
    assert (erased.action, erased.data["count"], erased.data["reason"]) == (
        "audit.erased",
        2,
        "asked",
    )
    assert erased.sentence == "erased 2 personal values from this log: asked"


def test_erasing_changes_no_leaf(recorded):
    before = AuditStream.objects.get(pk=recorded.pk)
    leaves = list(AuditEvent.objects.of(recorded.pk).leaves())
    erase_stream(recorded.pk, "asked")
    after = AuditStream.objects.get(pk=recorded.pk)
    assert list(AuditEvent.objects.of(recorded.pk).leaves())[: before.size] == leaves
    assert after.size == before.size + 1
    assert tree.root_of(bytes(after.frontier)) != before.root


def test_nothing_to_erase_leaves_no_entry(recorded):
    erase_stream(recorded.pk, "asked")
    assert erase_stream(recorded.pk, "asked again") == 0
    assert len(events_of(recorded)) == 2


@pytest.mark.django_db(transaction=True)
def test_even_the_owner_cannot_erase_without_a_reason(recorded, as_owner):
    with pytest.raises(Exception, match=r"erase_reason"):
        as_owner.execute("DELETE FROM audit_private WHERE stream_id = %s", [recorded.pk])
    assert AuditPrivate.objects.filter(stream_id=recorded.pk).count() == 2


def test_the_application_role_cannot_delete_values_by_itself(recorded):
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditPrivate.objects.filter(stream_id=recorded.pk)._raw_delete("default")
