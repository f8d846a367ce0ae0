"""Changing the policy: one act, old and new in the log, and nobody overtakes anybody."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Notice
from accounts.notices import Kind
from audit.authority import OutsideAuthority
from audit.models import AuditEvent
from enigm_command.lib.vault import PLATFORM
from enigm_command.tasks import retention
from lifecycle.actions import change_policy
from lifecycle.policy import Draft, NothingToChange
from membership.models import JoinRequest
from servers.actions import set_policy_bound
from servers.models import PolicyBound, PolicyVersion
from servers.models.policy import AlreadyChanged
from servers.policy import NEVER, NoSuchBound, OutsideBounds, bound_for, defaults, in_data
from tests.app import App
from tests.factories import JoinRequestFactory, OperatorFactory
from tests.objects import store
from tests.policies import DAY, HOUR, MONTH, change
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R23")]


def in_force(server):
    return PolicyVersion.objects.in_force(server.pk)


def told(by):
    return list(Notice.objects.of(by.warrant.account).values_list("kind", flat=True))


@pytest.fixture
def opal(db):
    return OperatorFactory().authority


def test_a_change_is_a_new_version_and_its_entry_says_old_and_new(server, ada):
    change(server, by=ada, message_lifetime=7 * DAY, joins_open=0)

    (event,) = events_of(server)
    assert (in_force(server).number, in_force(server).joins_open) == (2, False)
    assert in_force(server).message_lifetime == timedelta(days=7)
    assert (event.action, event.actor_name) == ("policy.changed", "ada")
    assert event.data == {
        "capacity": "administrator",
        "version": 2,
        "joins_open": 0,
        "joins_open_before": 1,
        "message_lifetime": 7 * DAY,
        "message_lifetime_before": MONTH,
        "unavailable": 0,
    }


def test_the_entry_is_read_back_in_words(server, ada):
    change(server, by=ada, ask_again_after=NEVER, queue_cap=50, removal_deletes=1)
    (event,) = events_of(server)
    assert [(one.label, one.was, one.becomes) for one in in_data(event.data)] == [
        ("Waiting to join at most", "200 people", "50 people"),
        ("Asking again after a rejection", "at once", "never"),
        ("What a removed user has sent", "stays until it expires", "is deleted"),
    ]


def test_what_is_not_changed_stays_as_it_was(server, ada):
    change(server, by=ada, deletion_delay=14 * DAY, deletion_needs_two=1)
    change(server, by=ada, joins_open=0)
    assert in_force(server).deletion_delay == timedelta(days=14)
    assert in_force(server).deletion_needs_two


def test_the_same_again_is_no_version_and_no_entry(server, ada):
    with pytest.raises(NothingToChange):
        change(server, by=ada, joins_open=1)
    assert (in_force(server).number, events_of(server)) == (1, [])


def test_the_second_of_two_administrators_is_told_and_leaves_no_trace(server, ada, oren):
    late = Draft.of(server, {"queue_cap": 10})
    change(server, by=ada, joins_open=0)
    with pytest.raises(AlreadyChanged):
        change_policy(late, by=oren)
    assert in_force(server).queue_cap == 200
    assert actions_of(server) == ["policy.changed"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins(server, ada, oren, elsewhere):
    drafts = [(Draft.of(server, {"queue_cap": cap}), by) for cap, by in ((10, ada), (50, oren))]

    def attempt(draft, by):
        try:
            return change_policy(draft, by=by).queue_cap
        except AlreadyChanged:
            return None

    works = [elsewhere(lambda draft=draft, by=by: attempt(draft, by)) for draft, by in drafts]
    won = [cap for cap in (work.result(20) for work in works) if cap]
    assert won == [in_force(server).queue_cap]
    assert actions_of(server) == ["policy.changed"]


@pytest.mark.requirement("R5")
def test_mallory_changes_nothing_and_leaves_no_trace(server, mallory):
    with pytest.raises(OutsideAuthority):
        change(server, by=mallory, joins_open=0)
    assert (in_force(server).number, events_of(server)) == (1, [])


@pytest.mark.requirement("R17")
def test_no_change_reaches_beyond_30_days(server, ada):
    with pytest.raises(OutsideBounds, match="Media live at most"):
        change(server, by=ada, media_lifetime=31 * DAY)
    assert (in_force(server).number, events_of(server)) == (1, [])


def test_what_would_be_lost_is_counted_in_the_entry(server, uma, ada):
    past = uma.membership.since - timedelta(hours=2)
    store(uma, authored_at=past), store(uma, authored_at=past, kind="media"), store(uma)
    change(server, by=ada, message_lifetime=HOUR)
    assert events_of(server)[0].data["unavailable"] == 1


# --- who is told ----------------------------------------------------------------------------------
def test_every_administrator_is_told_of_a_shorter_life_whatever_the_policy_says(server, ada, oren):
    change(server, by=ada, tells_every_change=0)
    change(server, by=ada, media_lifetime=DAY)
    newest = [told(by)[0] for by in (ada, oren)]
    assert newest == [Kind.LIFETIME_SHORTENED] * 2


def test_of_anything_else_they_are_told_unless_they_do_not_want_it(server, ada, oren):
    change(server, by=ada, joins_open=0)
    assert told(oren) == [Kind.POLICY_CHANGED]
    change(server, by=ada, tells_every_change=0)  # that this ends is the last thing they are told
    change(server, by=ada, joins_open=1)
    assert told(oren) == [Kind.POLICY_CHANGED] * 2


def test_nobody_is_told_of_a_change_that_did_not_happen(server, ada, oren):
    late = Draft.of(server, {"queue_cap": 10})
    change(server, by=ada, joins_open=0)
    with pytest.raises(AlreadyChanged):
        change_policy(late, by=ada)
    assert told(oren) == [Kind.POLICY_CHANGED]


# --- asking again ---------------------------------------------------------------------------------
def ask_after(server, ago):
    """Max was turned away so long ago and asks again: does he wait?"""
    earlier = JoinRequestFactory(server=server, subject="max", note=None, compare_code=None)
    with excused():
        JoinRequest.objects.filter(pk=earlier.pk).update(
            decision="rejected", decided_at=earlier.asked_at - ago, note=None, compare_code=None
        )
    assert App("max").ask(server.locator).status_code == 202
    return JoinRequest.objects.of(server).waiting().exists()


@pytest.mark.requirement("R14")
@pytest.mark.parametrize(
    ("code", "days", "waits"),
    [(0, 0, True), (7 * DAY, 6, False), (7 * DAY, 8, True), (NEVER, 29, False)],
)
def test_whoever_was_rejected_asks_again_when_the_policy_lets_them(server, ada, code, days, waits):
    if code:
        change(server, by=ada, ask_again_after=code)
    assert ask_after(server, timedelta(days=days)) is waits


@pytest.mark.requirement("R14", "R27")
def test_never_is_never_and_no_name_is_kept_for_it(server, ada):
    change(server, by=ada, ask_again_after=NEVER)
    assert not ask_after(server, timedelta(days=31))
    retention()
    (kept,) = JoinRequest.objects.of(server)
    assert kept.display_name is None
    assert App("max").ask(server.locator).status_code == 202
    assert not JoinRequest.objects.of(server).waiting().exists()


def test_once_the_policy_is_milder_the_rejection_is_forgotten(server, ada):
    change(server, by=ada, ask_again_after=NEVER)
    ask_after(server, timedelta(days=31))
    change(server, by=ada, ask_again_after=30 * DAY)
    retention()
    assert not JoinRequest.objects.of(server).exists()


# --- the platform's bounds ------------------------------------------------------------------------
def platform_events():
    return list(AuditEvent.objects.of(PLATFORM).newest_first()[:1].disclosed())


def bounded(opal, name="message_lifetime", default=DAY, least=HOUR, most=7 * DAY, locked=False):
    bound = bound_for(name, default=default, least=least, most=most, locked=locked)
    set_policy_bound(bound, by=opal)


def test_a_bound_holds_for_every_change_from_then_on(server, ada, opal):
    bounded(opal)
    with pytest.raises(OutsideBounds):
        change(server, by=ada, message_lifetime=14 * DAY)
    change(server, by=ada, message_lifetime=7 * DAY)
    assert in_force(server).message_lifetime == timedelta(days=7)


def test_a_bound_changes_no_version_that_is_in_force(server, ada, opal):
    bounded(opal)
    assert in_force(server).message_lifetime == timedelta(days=30)
    change(server, by=ada, joins_open=0)
    assert in_force(server).message_lifetime == timedelta(days=30)


def test_a_locked_setting_stays_as_it_is(server, ada, opal):
    bounded(opal, locked=True)
    with pytest.raises(OutsideBounds):
        change(server, by=ada, message_lifetime=DAY)
    assert in_force(server).number == 1


def test_new_servers_begin_with_the_default(opal, db):
    bounded(opal)
    assert defaults()["message_lifetime"] == timedelta(days=1)
    assert PolicyVersion(**defaults()).media_lifetime == timedelta(days=30)


@pytest.mark.requirement("R26")
def test_setting_a_bound_is_recorded_in_the_platforms_log(opal):
    bounded(opal)
    bounded(opal, default=7 * DAY)
    (event,) = platform_events()
    assert event.action == "policy.bound_set"
    assert (event.data["setting"], event.data["default"]) == ("message_lifetime", 7 * DAY)
    assert PolicyBound.objects.get().default == 7 * DAY


def test_only_operators_set_bounds(server, ada):
    with pytest.raises(OutsideAuthority):
        bounded(ada)
    assert not PolicyBound.objects.exists()


@pytest.mark.parametrize(
    "said",
    [{"name": "moon_phase"}, {"most": 31 * DAY}, {"default": 30 * DAY}, {"least": 14 * DAY}],
)
def test_a_bound_that_makes_no_sense_is_refused(opal, said):
    with pytest.raises(NoSuchBound):
        bounded(opal, **said)


def test_the_database_holds_the_default_within_its_bounds(db):
    with pytest.raises(IntegrityError, match="leaves_its_default"), transaction.atomic():
        PolicyBound.objects.create(setting="queue_cap", default=5, least=10, most=50)
