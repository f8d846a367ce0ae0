"""Whatever operators look at, they are seen to: by the server it is about, and the platform."""

from threading import Barrier

import pytest

from audit.actions import note_view
from audit.authority import OutsideAuthority
from audit.models import AuditEvent, AuditStream
from audit.recording import Closed, Unrecorded
from audit.vocabulary import Action
from enigm_command.lib import vault
from enigm_command.lib.vault import PLATFORM
from servers.models import Server
from tests.factories import OperatorFactory
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26", "R28")]
PLATFORM_LOG = AuditStream(pk=PLATFORM)


@pytest.fixture
def opal():
    return OperatorFactory(account__username="opal").authority


@pytest.fixture
def otto():
    return OperatorFactory(account__username="otto").authority


def views_in(log, **about):
    """Who looked at what, as a log has it; of the platform's log, what is about this server."""
    return [
        (event.actor_name, event.data["page"])
        for event in events_of(log)
        if event.action == Action.PAGE_VIEWED and about.items() <= event.data.items()
    ]


def an_hour_passes(as_superuser, *logs):
    """All that these logs have of views becomes an hour older."""
    as_superuser.execute("SET session_replication_role = replica")
    as_superuser.execute(
        "UPDATE audit_event SET filed_at = filed_at - interval '1 hour' WHERE stream_id = ANY(%s)",
        [[log.pk for log in logs]],
    )


def test_a_view_is_one_entry_in_each_of_two_logs(server, opal):
    note_view("server", server, by=opal)

    assert views_in(server) == [("opal", "server")]
    assert views_in(PLATFORM_LOG, server=str(server.pk)) == [("opal", "server")]


def test_the_log_says_it_in_words(server, opal):
    note_view("server", server, by=opal)

    entry = events_of(server)[-1]
    assert entry.sentence == "looked at an operators' page: server"
    assert entry.capacity_label == "Platform operator"


def test_to_look_again_within_the_hour_adds_nothing(server, opal):
    for _ in range(3):
        note_view("server", server, by=opal)

    assert views_in(server) == [("opal", "server")]


def test_each_person_each_page_and_each_server_counts_for_itself(server, mallory, opal, otto):
    elsewhere = Server.objects.get(pk=mallory.server_id)
    for by in (opal, otto):
        note_view("server", server, by=by)
    note_view("invoice", server, by=opal)
    note_view("server", elsewhere, by=opal)

    assert views_in(server) == [("opal", "server"), ("otto", "server"), ("opal", "invoice")]
    assert views_in(elsewhere) == [("opal", "server")]


def test_a_list_stands_in_the_platforms_log_alone(server, opal):
    before = len(views_in(PLATFORM_LOG))
    for _ in range(2):
        note_view("list of servers", by=opal)

    assert views_in(PLATFORM_LOG)[before:] == [("opal", "list of servers")]
    assert actions_of(server) == []


def test_what_administrators_may_not_know_of_yet_stands_in_the_platforms_log_alone(server, opal):
    for _ in range(2):
        note_view("hold", server, disclosed=False, by=opal)

    assert actions_of(server) == []
    assert views_in(PLATFORM_LOG, server=str(server.pk)) == [("opal", "hold")]


def test_once_they_may_know_the_next_view_is_told_within_the_same_hour(server, opal):
    note_view("hold", server, disclosed=False, by=opal)
    note_view("hold", server, by=opal)

    assert views_in(server) == [("opal", "hold")]


def test_nobody_but_an_operator_has_such_pages(server, ada):
    with pytest.raises(OutsideAuthority):
        note_view("server", server, by=ada)

    assert actions_of(server) == ["page.viewed refused"]


def test_what_cannot_be_recorded_is_not_shown(server, opal, monkeypatch):
    monkeypatch.setattr("audit.recording.APPEND", "SELECT no_such_append(%s, %s, %s, %s)")
    with pytest.raises(Unrecorded):
        note_view("server", server, by=opal)


def test_a_log_that_is_closed_takes_no_view_and_the_platforms_does(server, opal):
    with excused():
        vault.destroy_key(server.pk)
    with pytest.raises(Closed):
        note_view("server", server, by=opal)

    note_view("server", server, disclosed=False, by=opal)
    assert views_in(PLATFORM_LOG, server=str(server.pk)) == [("opal", "server")]


@pytest.mark.django_db(transaction=True)
def test_the_next_hour_is_an_entry_of_its_own(server, opal, as_superuser):
    note_view("server", server, by=opal)
    an_hour_passes(as_superuser, server, PLATFORM_LOG)
    note_view("server", server, by=opal)

    assert views_in(server) == [("opal", "server")] * 2


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_open_a_page_in_one_persons_name_at_once_one_is_entered(
    server, opal, elsewhere
):
    together = Barrier(8)

    def look():
        together.wait()
        note_view("server", server, by=opal)

    for future in [elsewhere(look) for _ in range(8)]:
        future.result()

    assert views_in(server) == [("opal", "server")]
    assert views_in(PLATFORM_LOG, server=str(server.pk)) == [("opal", "server")]


def test_to_look_again_costs_eight_queries_at_most(server, opal, django_assert_max_num_queries):
    note_view("server", server, by=opal)
    with django_assert_max_num_queries(8):
        note_view("server", server, by=opal)
    assert AuditEvent.objects.of(server.pk).count() == 1
