"""Personal values leave a log by an entry, and by nothing else; the tree stays what it was."""

import pytest
from django.db import DatabaseError, transaction

from audit import tree
from audit.erasure import KEPT, count_value, erase_aged, erase_stream, erase_value
from audit.models import AuditEvent, AuditPrivate, AuditStream
from audit.recording import recording
from audit.tasks import retention
from audit.vocabulary import Action
from tests.search import says
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
    assert not says("Old North", event.leaf)
    assert not says("ada", event.leaf)


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


@pytest.mark.requirement("R27")
@pytest.mark.django_db(transaction=True)
def test_values_go_by_themselves_when_they_are_old_enough(recorded, ada, as_owner):
    with recording(Action.SERVER_RENAMED, by=ada, server=recorded):
        pass
    as_owner.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
    as_owner.execute(
        "UPDATE audit_event SET filed_at = filed_at - %s - interval '1 second'"
        " WHERE stream_id = %s AND seq = 0",
        [KEPT, recorded.pk],
    )
    as_owner.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")

    retention()

    old, young, erased = events_of(recorded)
    assert (old.actor_name, old.shown_values) == ("erased", {"before": "erased"})
    assert young.actor_name == "ada"
    assert (erased.data["count"], erased.data["reason"]) == (2, "older than 400 days")
    assert not erase_aged()


def test_one_value_goes_from_every_entry_that_names_it_and_from_no_other(recorded, ada):
    with recording(Action.SERVER_RENAMED, by=ada, server=recorded) as entry:
        entry.private |= {"before": "Quay", "after": "Old North"}
    assert count_value(recorded.pk, "Old North") == 2
    assert erase_value(recorded.pk, "Old North", "asked") == 2
    first, second, _ = events_of(recorded)
    assert first.shown_values == {"before": "erased"}
    assert second.shown_values == {"after": "erased", "before": "Quay"}


def test_a_value_of_another_log_is_found_in_none(recorded, mallory):
    assert count_value(mallory.server_id, "Old North") == 0
