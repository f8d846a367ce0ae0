"""Everything lost: who may vouch for an administrator, who may object, and who is told."""

import re
from functools import partial
from threading import Barrier

import pytest
from django.urls import reverse

from accounts.models import Account, Notice, Proposal, Recovery
from accounts.proposals import NotOpen
from accounts.recovery import DELAY, LASTS, SPOKEN, WAITS
from audit.authority import OutsideAuthority
from audit.vocabulary import POWERS, Capacity
from enigm_command.lib import clock
from servers.actions import call_off_recovery, finish_recovery, vouch_for_administrator
from servers.edge import authority_of
from servers.models import Administrator
from servers.vouching import authority_to_finish
from tests.browser import Browser
from tests.factories import (
    AccountFactory,
    OperatorFactory,
    RecoveryFactory,
    ServerFactory,
)
from tests.recoveries import (
    NEW,
    OVER,
    administrator,
    begun,
    browser_of,
    come_back,
    masked,
    new_way_in,
    opens_nothing,
    page,
    say,
    vouched,
)
from tests.search import says
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]


# --- who may vouch --------------------------------------------------------------------------------
def test_nobody_vouches_for_themselves(server, lost, ada):
    _, spoken = begun()
    answer = say(browser_of(ada), server, spoken)
    assert "No administrator of this server waits" in answer.content.decode()

    recovery = Recovery.objects.get(account=lost)
    with pytest.raises(NotOpen):
        vouch_for_administrator(recovery, server, by=ada)
    assert actions_of(server) == []


def test_a_stranger_cannot_vouch_and_a_code_tells_them_nothing(server, lost, mallory):
    _, spoken = begun()
    theirs = mallory.warrant.server
    right = say(browser_of(mallory), theirs, spoken)
    wrong = say(browser_of(mallory), theirs, SPOKEN.make())
    assert right.context["form"].errors == wrong.context["form"].errors

    recovery = Recovery.objects.get(account=lost)
    with pytest.raises(OutsideAuthority):
        vouch_for_administrator(recovery, server, by=mallory)
    with pytest.raises(NotOpen):
        vouch_for_administrator(recovery, theirs, by=mallory)
    assert browser_of(mallory).get(page("vouch", theirs, recovery.pk)).status_code == 404


def test_the_right_code_alone_is_not_enough(server, lost, oren):
    _, spoken = begun()
    browser = browser_of(oren)
    review = say(browser, server, spoken).url
    asked = browser.get(review).context["form"].confirmation
    browser.post(review, {"confirmation": asked.pk, "code": "000000"})

    assert Recovery.objects.get(account=lost).vouched_at is None
    assert "administrator.vouched" not in actions_of(server)


def test_vouching_comes_too_late_after_three_days(server, lost, oren):
    recovery = RecoveryFactory(account=lost, begun_at=clock.now() - WAITS)
    with pytest.raises(NotOpen):
        vouch_for_administrator(recovery, server, by=oren)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_vouch_at_once_one_does(server, lost, oren, elsewhere):
    kim = administrator(server, "kim")
    recovery = RecoveryFactory(account=lost)
    at_once = Barrier(2)

    def vouch(by):
        at_once.wait()
        try:
            vouch_for_administrator(Recovery.objects.get(pk=recovery.pk), server, by=by)
        except NotOpen:
            return False
        return True

    answers = [elsewhere(partial(vouch, by)) for by in (oren, authority_of(kim, "kim"))]
    assert sorted(answer.result() for answer in answers) == [False, True]
    assert actions_of(server) == ["administrator.vouched"]


@pytest.mark.parametrize("who", ["voucher", "lost"])
def test_a_power_that_ended_meanwhile_does_not_count(server, lost, oren, ada, who):
    kim = administrator(server, "kim")
    _, key = vouched(lost, authority_of(kim, "kim"), OVER)
    with excused():
        {"voucher": kim, "lost": ada.warrant}[who].delete()

    assert opens_nothing(come_back(key))
    assert not lost.check_password(NEW)


def test_a_power_that_ends_while_it_is_used_does_not_count(server, lost, oren, ada):
    kim = administrator(server, "kim")
    recovery, _ = vouched(lost, authority_of(kim, "kim"), OVER)
    by = authority_to_finish(recovery)
    with excused():
        kim.delete()
    with pytest.raises(OutsideAuthority):
        finish_recovery(recovery, server, new_way_in(), by=by)

    assert Recovery.objects.get(pk=recovery.pk).done_at is None
    assert not Account.objects.get(pk=lost.pk).check_password(NEW)


# --- operators ------------------------------------------------------------------------------------
def test_operators_can_do_none_of_it(server, lost, oren):
    opal = OperatorFactory(account__username="opal").authority
    recovery, _ = vouched(lost, oren, OVER)
    waiting = RecoveryFactory(account=lost)

    with pytest.raises(OutsideAuthority):
        vouch_for_administrator(waiting, server, by=opal)
    with pytest.raises(OutsideAuthority):
        call_off_recovery(recovery, server, by=opal)
    with pytest.raises(OutsideAuthority):
        finish_recovery(recovery, server, new_way_in(), by=opal)
    browser = Browser().sign_in(opal.warrant.account)
    for route, args in [("vouching", []), ("vouch", [waiting.pk])]:
        assert browser.get(page(route, server, *args)).status_code == 404


def test_an_operator_who_also_administers_neither_vouches_nor_is_vouched_for(server, lost, oren):
    recovery = RecoveryFactory(account=lost)
    OperatorFactory(account=oren.warrant.account)
    with pytest.raises(NotOpen):
        vouch_for_administrator(recovery, server, by=oren)

    kim = administrator(server, "kim")
    theirs = RecoveryFactory(account=oren.warrant.account)
    with pytest.raises(NotOpen):
        vouch_for_administrator(theirs, server, by=authority_of(kim, "kim"))


def test_no_act_upon_recoveries_lies_in_an_operators_power():
    acts = [act for act in POWERS if re.match(r"administrator\.(vouched|recover)", act)]
    assert len(acts) == 3
    assert not [act for act in acts if Capacity.OPERATOR in POWERS[act]]


# --- calling off ----------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ada", "oren"])
def test_the_account_and_its_fellows_call_it_off_with_one_click(server, lost, oren, ada, who):
    recovery, key = vouched(lost, oren, OVER)
    browser = browser_of({"ada": ada, "oren": oren}[who])
    assert "Call it off" in browser.get(page("vouching", server)).content.decode()
    browser.post(page("recovery-calling-off", server, recovery.pk))

    assert opens_nothing(come_back(key))
    assert actions_of(server)[-1] == "administrator.recovery_called_off"
    with pytest.raises(NotOpen):
        call_off_recovery(recovery, server, by=oren)


def test_an_administrator_of_another_of_their_servers_calls_it_off(server, lost, oren):
    second = ServerFactory(owner=lost)
    bea = administrator(second, "bea")
    recovery, key = vouched(lost, oren, OVER)
    Browser().sign_in(bea.account).post(page("recovery-calling-off", second, recovery.pk))

    assert opens_nothing(come_back(key))
    for log in (server, second):
        assert actions_of(log)[-1] == "administrator.recovery_called_off"
    assert not says("bea", str(events_of(server)[-1].private))


def test_who_signs_in_after_all_is_shown_it_first(server, lost, ada, oren):
    vouched(lost, oren)
    browser = browser_of(ada)
    assert "Somebody is recovering your account" in browser.get(reverse("servers")).content.decode()

    Recovery.objects.all().delete()
    assert "recovering" not in browser.get(reverse("servers")).content.decode()


def test_a_stranger_calls_nothing_off(server, lost, oren, mallory):
    recovery, _ = vouched(lost, oren)
    elsewhere = mallory.warrant.server
    for where in (server, elsewhere):
        answer = browser_of(mallory).post(page("recovery-calling-off", where, recovery.pk))
        assert answer.status_code == 404
    with pytest.raises(NotOpen):
        call_off_recovery(recovery, elsewhere, by=mallory)
    assert Recovery.objects.get(pk=recovery.pk).called_off_at is None


# --- on record, and told --------------------------------------------------------------------------
def test_it_stands_in_the_log_of_every_server_concerned(server, lost, oren, mallory):
    second = ServerFactory(owner=lost)
    _, key = vouched(lost, oren, OVER)
    come_back(key)

    for log in (server, second):
        event = events_of(log)[-1]
        assert event.action == "administrator.recovered"
        assert event.shown_values["administrator"] == "ada"
        assert "server" not in event.data
    assert events_of(server)[-1].actor_name == "ada"
    assert actions_of(mallory.warrant.server) == []


def test_vouching_names_who_did_it_and_until_when(server, lost, oren):
    recovery = RecoveryFactory(account=lost)
    vouch_for_administrator(recovery, server, by=oren)

    (event,) = events_of(server)
    assert (event.action, event.actor_name) == ("administrator.vouched", "oren")
    assert event.shown_values == {"administrator": "ada"}
    recovery.refresh_from_db()
    assert event.data["due_at"] == recovery.due_at.isoformat(timespec="seconds")


def test_everyone_concerned_is_told_each_time(server, lost, oren, mallory):
    second = ServerFactory(owner=lost)
    bea = administrator(second, "bea").account
    recovery = RecoveryFactory(account=lost)
    vouch_for_administrator(recovery, server, by=oren)
    call_off_recovery(recovery, server, by=oren)
    _, key = vouched(lost, oren, OVER)
    come_back(key)

    for account in (lost, oren.warrant.account, bea):
        told = list(Notice.objects.filter(account=account).order_by("at"))
        kinds = [notice.kind for notice in told if notice.kind.startswith("recovery_")]
        assert kinds[-3:] == ["recovery_begun", "recovery_called_off", "recovery_done"]
    assert not Notice.objects.filter(account=mallory.warrant.account).exists()


def test_a_notice_leads_to_where_it_is_called_off(server, lost, oren):
    vouch_for_administrator(RecoveryFactory(account=lost), server, by=oren)

    notice = Notice.objects.get(account=lost, kind="recovery_begun")
    assert "Call it off" in Browser().sign_in(lost).get(notice.path).content.decode()


def test_what_is_over_is_forgotten(lost, oren):
    kept, _ = vouched(lost, oren)
    vouched(lost, oren, DELAY + LASTS)
    RecoveryFactory(account=lost, begun_at=clock.now() - WAITS)
    Recovery.objects.forget()

    assert [recovery.pk for recovery in Recovery.objects.all()] == [kept.pk]
    assert [proposal.pk for proposal in Proposal.objects.all()] == [kept.proposal_id]


def test_a_name_without_servers_waits_like_any_other():
    alone = AccountFactory(username="hermit")
    first = Browser().post(reverse("recovery-begin"), {"username": alone.username})
    second = Browser().post(reverse("recovery-begin"), {"username": "nobody"})

    assert masked(first) == masked(second)
    assert not Administrator.objects.filter(account=alone).exists()
