"""The one door of power: an act and its entry are one, for those who may, as long as they may."""

from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from audit.authority import Authority, OutsideAuthority
from audit.models import AuditStream
from audit.recording import PLATFORM, Unrecorded, recording
from audit.vocabulary import Action, Capacity
from servers.edge import authority_of
from servers.models import Administrator, Server
from tests.browser import Browser
from tests.factories import AdministratorFactory, ServerFactory
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5")]

PLATFORM_LOG = AuditStream(pk=PLATFORM)
RENAMED, REFUSED = "server.renamed", "server.renamed refused"


@pytest.fixture
def log_shut(as_owner):
    """The application's role may not append, until the test is over."""
    right, role = "EXECUTE ON FUNCTION audit_append", connection.settings_dict["USER"]
    as_owner.execute(f"REVOKE {right} FROM {role}")
    yield
    as_owner.execute(f"GRANT {right} TO {role}")


def rename(server, *, by, before=lambda: None, **said):
    with recording(Action.SERVER_RENAMED, by=by, server=server) as entry:
        before()
        row = Server.objects.get(pk=server.pk)
        row.name = "Harbour Works"
        row.save(update_fields=["name"])
        entry.data.update(said)
    return entry


def remove(power, *, by, server, meanwhile=lambda: None):
    """Not one of the product's acts: the rows alone, so that only the door itself is tried."""
    with recording(Action.MEMBER_REMOVED, by=by, server=server):
        Administrator.objects.filter(pk=power.pk).delete()
        meanwhile()


def name_of(server):
    return Server.objects.get(pk=server.pk).name


def test_what_is_done_is_recorded_once_with_who_did_it(server, ada):
    entry = rename(server, by=ada)

    (event,) = events_of(server)
    assert name_of(server) == "Harbour Works"
    assert (event.seq, event.action, event.actor_name) == (entry.seq, RENAMED, "ada")
    assert event.data == {"capacity": "administrator"}


def test_the_entry_names_nobody_in_public(server, ada):
    rename(server, by=ada)

    (event,) = events_of(server)
    assert b'"ada"' not in bytes(event.leaf)
    assert str(ada.actor).encode() not in bytes(event.leaf)


def test_what_fails_halfway_is_neither_done_nor_recorded(server, ada, oren):
    with pytest.raises(ZeroDivisionError):
        remove(oren.warrant, by=ada, server=server, meanwhile=lambda: 1 / 0)

    assert Administrator.objects.filter(pk=oren.warrant.pk).exists()
    assert actions_of(server) == []


def test_an_act_whose_entry_cannot_be_written_does_not_happen(server, ada):
    with pytest.raises(Unrecorded) as refused:
        rename(server, by=ada, half=0.5)

    assert "must be a string, a boolean or an integer" in str(refused.value.__cause__)
    assert name_of(server) == "Atelier North"
    assert actions_of(server) == []


@pytest.mark.django_db(transaction=True)
def test_a_page_whose_act_cannot_be_recorded_says_that_nothing_was_done(server, ada, log_shut):
    answer = (
        Browser()
        .sign_in(ada.warrant.account)
        .post(reverse("settings", args=[server.pk]), {"name": "Harbour Works"})
    )

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "nothing was changed" in answer.content.decode()
    assert name_of(server) == "Atelier North"
    assert actions_of(server) == []


def test_an_operators_act_on_a_server_is_one_entry_in_each_of_two_logs(server):
    opal = Authority(Capacity.OPERATOR, name="opal")
    with recording(Action.LOG_RESTORED, by=opal, server=server) as entry:
        entry.private["reason"] = "Reported abuse"

    (theirs,), ours = events_of(server), events_of(PLATFORM_LOG)[-1]
    assert entry.seq == theirs.seq
    assert theirs.action == ours.action == Action.LOG_RESTORED
    assert theirs.data == {"capacity": "operator"}
    assert ours.data == {"capacity": "operator", "server": str(server.pk)}
    assert theirs.private == ours.private == {"actor": "opal", "reason": "Reported abuse"}
    assert ours.at < theirs.at  # in the order of the logs' ids, so that two acts never deadlock


def test_a_stranger_leaves_nothing_in_any_log(server, mallory):
    with pytest.raises(OutsideAuthority):
        rename(server, by=mallory)

    assert name_of(server) == "Atelier North"
    assert actions_of(server) == actions_of(mallory.warrant.server) == []


def test_whoever_has_standing_but_not_the_power_leaves_one_refusal(server, ada):
    with (
        pytest.raises(OutsideAuthority),
        recording(Action.SERVER_DELETION_ORDERED, by=ada, server=server),
    ):
        pytest.fail("the body of a refused act runs")

    (event,) = events_of(server)
    assert actions_of(server) == ["server.deletion_ordered refused"]
    assert event.actor_name == "ada"
    assert event.sentence == "was refused: ordered the whole server deleted"


def test_the_schedule_has_no_power_of_its_own_and_fills_no_log(server, schedule):
    with pytest.raises(OutsideAuthority):
        rename(server, by=schedule)

    assert actions_of(server) == []


def test_a_power_that_has_ended_is_refused(server, ada, oren):
    remove(ada.warrant, by=oren, server=server)

    with pytest.raises(OutsideAuthority):
        rename(server, by=ada)

    assert name_of(server) == "Atelier North"
    assert actions_of(server) == ["member.removed", REFUSED]


@pytest.mark.django_db(transaction=True)
def test_a_power_that_ends_while_it_is_used_takes_the_act_back(server, ada, oren, elsewhere):
    def oren_is_quicker():
        elsewhere(lambda: remove(ada.warrant, by=oren, server=server)).result()

    with pytest.raises(OutsideAuthority):
        rename(server, by=ada, before=oren_is_quicker)

    assert name_of(server) == "Atelier North"
    assert actions_of(server) == ["member.removed", REFUSED]


def test_an_act_may_end_the_power_it_is_done_with(server, ada, oren):
    with recording(Action.MEMBER_REMOVED, by=ada, server=server) as entry:
        Administrator.objects.filter(pk=ada.warrant.pk).delete()
        entry.ends_warrant = True

    assert actions_of(server) == ["member.removed"]


def test_acts_do_not_nest(server, ada):
    with (
        pytest.raises(RuntimeError, match="durable atomic block"),
        recording(Action.SERVER_RENAMED, by=ada, server=server),
    ):
        rename(server, by=ada)

    assert actions_of(server) == []


@pytest.mark.requirement("R10")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_remove_each_other_exactly_one_wins(elsewhere):
    for _ in range(20):
        server = ServerFactory()
        pair = [AdministratorFactory(server=server) for _ in range(2)]
        one, other = authority_of(pair[0], "one"), authority_of(pair[1], "other")
        start = Barrier(2)
        tries = [
            elsewhere(partial(try_to_remove, other, by=one, server=server, start=start)),
            elsewhere(partial(try_to_remove, one, by=other, server=server, start=start)),
        ]

        assert sorted(each.result(timeout=20) for each in tries) == ["refused", "won"]
        assert actions_of(server) == ["member.removed", "member.removed refused"]
        assert server.administrators.count() == 2  # one of them, and the owner


def try_to_remove(authority, *, by, server, start):
    try:
        remove(authority.warrant, by=by, server=server, meanwhile=start.wait)
    except OutsideAuthority:
        return "refused"
    return "won"
