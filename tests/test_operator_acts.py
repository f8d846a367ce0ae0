"""What operators do to servers: on grounds, on record, and not all of it alone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Proposal
from accounts.proposals import NotOpen
from audit.models import AuditStream
from enigm_command.lib import clock, throttle
from enigm_command.lib.vault import PLATFORM
from lifecycle import operating
from lifecycle.models import (
    Grounds,
    Hold,
    ProposedAct,
    Reason,
    Restriction,
    Retirement,
    ServerDeletion,
    Suspension,
)
from servers.models import Server, Standing
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import (
    AuthenticatorFactory,
    RestrictionFactory,
    RetirementFactory,
    ServerDeletionFactory,
    ServerFactory,
    SuspensionFactory,
)
from tests.operators import act, browser_of, choose, list_of, operator
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26")]

GROUNDED = {"reason": "court_order", "reference": "case 118"}
GROUNDS = Grounds(Reason.COURT_ORDER, "case 118")
HELD = {"category": "legal", "reason": "A claim is heard.", "reference": "case 118"}


@pytest.fixture
def opal():
    return operator("opal")


@pytest.fixture
def otto():
    return operator("otto")


def again(server):
    return Server.objects.get(pk=server.pk)


def platform_log():
    return events_of(AuditStream(pk=PLATFORM))


def standing_of(server):
    return again(server).standing


def placed(factory, standing, **facts):
    """A server that operators hold back already, as their act leaves it."""
    server = ServerFactory(standing=standing)
    factory(server=server, party="platform", code="harm", **facts)
    return server


def in_a_month():
    return (clock.now() + timedelta(days=30)).date().isoformat()


# --- each act -------------------------------------------------------------------------------------
ACTS = {  # what is filled in, what stood before, what is entered, and what is in force afterwards
    "restrict": (GROUNDED, ServerFactory, "server.restricted", Restriction),
    "suspend": (GROUNDED, ServerFactory, "server.suspended", Suspension),
    "retire": (GROUNDED, ServerFactory, "server.retired", Retirement),
    "propose_deletion": (GROUNDED, ServerFactory, "server.deletion_proposed", ProposedAct),
    "lift_restriction": (
        {},
        lambda: placed(RestrictionFactory, Standing.RESTRICTED),
        "server.restriction_lifted",
        None,
    ),
    "resume": (
        {},
        lambda: placed(SuspensionFactory, Standing.SUSPENDED),
        "server.resumed",
        None,
    ),
    "call_off_retirement": (
        {},
        lambda: placed(RetirementFactory, Standing.RETIRING),
        "server.retirement_called_off",
        None,
    ),
    "call_off_deletion": (
        {},
        lambda: placed(ServerDeletionFactory, Standing.DELETING),
        "server.deletion_called_off",
        None,
    ),
    "place_hold": ({**HELD, "until": in_a_month}, ServerFactory, "hold.placed", Hold),
    "set_room": (
        {"gigabytes": 50, "reference": "case 118"},
        ServerFactory,
        "server.room_set",
        None,
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_asked_for_then_done_and_stands_in_both_logs(name, opal):
    typed, make, entered, record = ACTS[name]
    server, browser = make(), browser_of(opal)
    page = choose(browser, name, server)
    assert str(server.pk) in page.content.decode()
    assert actions_of(server) == [], "to be asked is no act"

    said = act(browser, name, server, **{k: v() if callable(v) else v for k, v in typed.items()})
    assert said.startswith(str(server.pk))
    assert actions_of(server) == [entered]
    (event,) = events_of(server)
    assert event.private["actor"] == "opal"
    twin = platform_log()[-2]  # the last one is the look at the list
    assert (twin.action, twin.data["server"]) == (entered, str(server.pk))
    if record:
        assert record.objects.filter(server=server).count() == 1
    else:
        assert standing_of(server) == Standing.ACTIVE


@pytest.mark.parametrize("name", ["restrict", "suspend", "retire", "propose_deletion"])
@pytest.mark.parametrize("missing", GROUNDED)
def test_without_grounds_nothing_is_done(name, missing, opal):
    server = ServerFactory()
    typed = {key: value for key, value in GROUNDED.items() if key != missing}
    answer = browser_of(opal).post(
        list_of(Server),
        {"action": name, "answered": "yes", "_selected_action": [str(server.pk)], **typed},
    )
    assert "There is a problem" in answer.content.decode()
    assert (actions_of(server), standing_of(server)) == ([], Standing.ACTIVE)


def test_that_nobody_pays_is_no_reason(opal):
    page = choose(browser_of(opal), "suspend", ServerFactory()).content.decode()
    offered = [reason for reason in Reason if f'value="{reason.value}"' in page]
    assert offered == list(Reason)
    assert "subscription" not in page


def test_an_operators_act_is_lifted_by_no_administrator_and_theirs_by_no_operator(opal, oren):
    server = placed(SuspensionFactory, Standing.SUSPENDED)
    with excused():
        Suspension.objects.filter(server=server).update(party="server", code="")
    said = act(browser_of(opal), "resume", server)
    assert "there is nothing that operators placed" in said
    assert standing_of(server) == Standing.SUSPENDED


def test_each_chosen_server_is_answered_for_itself(opal):
    free, held = ServerFactory(), placed(RestrictionFactory, Standing.RESTRICTED)
    said = act(browser_of(opal), "restrict", free, held, **GROUNDED)
    assert f"{free.pk}: restricted." in said
    assert f"{held.pk}: this is in force already." in said
    assert standing_of(free) == Standing.RESTRICTED
    assert actions_of(held) == []


def test_a_hold_is_lifted_from_its_list_and_a_confidential_one_is_told_of_only_then(opal):
    server, browser = ServerFactory(), browser_of(opal)
    act(browser, "place_hold", server, **HELD, until=in_a_month(), confidential="on")
    hold = Hold.objects.get(server=server)
    browser.get(f"{list_of(Hold)}{hold.pk}/")
    assert actions_of(server) == []
    assert platform_log()[-1].action == "page.viewed"

    assert "lifted" in act(browser, "lift_hold", hold)
    assert actions_of(server) == ["hold.lifted"]


@pytest.mark.parametrize("days", [-2, 366, 4000])
def test_a_hold_ends_after_today_and_within_a_year(days, opal):
    server = ServerFactory()
    until = (clock.now() + timedelta(days=days)).date().isoformat()
    sent = {"action": "place_hold", "answered": "yes", "_selected_action": [str(server.pk)]}
    browser_of(opal).post(list_of(Server), {**sent, **HELD, "until": until})
    assert not Hold.objects.exists()


# --- a fresh factor -------------------------------------------------------------------------------
def test_an_act_needs_a_factor_proved_shortly_before(opal):
    server, browser = ServerFactory(), browser_of(opal)
    AuthenticatorFactory(user=opal.account)
    browser.grow_stale()
    sent = {"action": "suspend", "answered": "yes", "_selected_action": [str(server.pk)]}
    asked = browser.post(list_of(Server), {**sent, **GROUNDED})
    assert asked.url.startswith(reverse("confirm-you"))
    assert actions_of(server) == []

    handed_back = browser.post(asked.url, {"code": fresh_code(opal.account)}, follow=True)
    assert "case 118" in handed_back.content.decode()
    assert standing_of(server) == Standing.ACTIVE


# --- two people -----------------------------------------------------------------------------------
def proposed_on(server, by):
    return operating.propose_deletion(server, GROUNDS, by=by.authority)


def test_one_operators_deletion_stays_proposed(opal):
    server, browser = ServerFactory(), browser_of(opal)
    act(browser, "propose_deletion", server, **GROUNDED)
    proposed = ProposedAct.objects.get(server=server)

    said = act(browser, "agree", proposed)
    assert "is not yours to answer" in said
    act(browser, "decline", proposed)
    assert Proposal.objects.open().filter(pk=proposed.pk).exists()
    assert standing_of(server) == Standing.ACTIVE
    assert actions_of(server) == ["server.deletion_proposed"]


def test_another_operator_reads_the_grounds_and_has_it_done(opal, otto):
    server = ServerFactory()
    proposed, browser = proposed_on(server, opal), browser_of(otto)
    page = browser.get(f"{list_of(ProposedAct)}{proposed.pk}/").content.decode()
    assert all(said in page for said in (str(server.pk), "court order", "case 118", "opal"))

    assert "done, as it was proposed" in act(browser, "agree", proposed)
    assert standing_of(server) == Standing.DELETING
    ordered = events_of(server)[-1]
    assert (ordered.action, ordered.private["actor"]) == ("server.deletion_ordered", "otto")
    assert ordered.data["proposal"] == str(proposed.pk)
    assert "not possible" in act(browser, "agree", proposed)
    assert actions_of(server).count("server.deletion_ordered") == 1


@pytest.mark.parametrize("what", [{"act": "server.suspended"}, {"code": "harm"}])
def test_what_was_changed_since_it_was_proposed_cannot_be_agreed_to(what, opal, otto):
    server = ServerFactory()
    proposed = proposed_on(server, opal)
    with excused():
        ProposedAct.objects.filter(pk=proposed.pk).update(**what)
    act(browser_of(otto), "agree", proposed)
    assert standing_of(server) == Standing.ACTIVE


@pytest.mark.parametrize(
    ("answer", "whose", "entered"),
    [
        ("decline", "otto", "server.proposal_declined"),
        ("withdraw", "opal", "server.proposal_withdrawn"),
    ],
)
def test_a_proposal_is_declined_by_another_or_withdrawn_by_its_author(
    answer, whose, entered, opal, otto
):
    server = ServerFactory()
    proposed, people = proposed_on(server, opal), {"opal": opal, "otto": otto}
    act(browser_of(people[whose]), answer, proposed)
    assert actions_of(server) == ["server.deletion_proposed", entered]
    assert "has ended" in act(browser_of(otto), "agree", proposed)
    assert standing_of(server) == Standing.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_of_many_who_agree_at_once_one_does_it(elsewhere):
    proposed = proposed_on(ServerFactory(), operator("opal"))
    others = [operator(f"otto{number}").authority for number in range(6)]

    def agree(by):
        try:
            operating.agree(ProposedAct.objects.get(pk=proposed.pk), by=by)
        except Exception as refused:
            return type(refused).__name__
        return "done"

    told = sorted(each.result(30) for each in [elsewhere(lambda by=by: agree(by)) for by in others])
    assert told.count("done") == 1
    assert set(told) <= {"done", NotOpen.__name__, "NotInThisStanding"}
    assert actions_of(proposed.server).count("server.deletion_ordered") == 1
    assert ServerDeletion.objects.filter(server=proposed.server).count() == 1


# --- how much in a day ----------------------------------------------------------------------------
def test_the_21st_destructive_act_of_a_day_needs_a_second_operator(opal, otto, oren):
    servers = ServerFactory.create_batch(21)
    said = act(browser_of(opal), "suspend", *servers, **GROUNDED)
    assert said.count(": suspended.") == 20
    proposed = ProposedAct.objects.get()
    assert f"{proposed.server_id}: your 20 of today are used" in said
    assert standing_of(proposed.server) == Standing.ACTIVE
    assert actions_of(proposed.server) == ["server.act_proposed"]

    act(browser_of(otto), "agree", proposed)
    assert standing_of(proposed.server) == Standing.SUSPENDED
    last = events_of(proposed.server)[-1]
    assert (last.action, last.data["proposal"]) == ("server.suspended", str(proposed.pk))


@pytest.mark.parametrize("name", ["restrict", "retire"])
def test_the_other_destructive_acts_are_proposed_and_agreed_to_likewise(
    name, opal, otto, monkeypatch
):
    monkeypatch.setitem(throttle.LIMITS, "operator-act", throttle.Limit(1, throttle.DAY))
    servers = ServerFactory.create_batch(2)
    act(browser_of(opal), name, *servers, **GROUNDED)
    proposed = ProposedAct.objects.get()
    act(browser_of(otto), "agree", proposed)
    assert standing_of(proposed.server) == standing_of(servers[0]) != Standing.ACTIVE


def test_the_day_is_of_one_operator_and_lifting_takes_nothing_of_it(opal, otto, monkeypatch):
    monkeypatch.setitem(throttle.LIMITS, "operator-act", throttle.Limit(1, throttle.DAY))
    server, other = ServerFactory(), ServerFactory()
    mine, theirs = browser_of(opal), browser_of(otto)
    act(mine, "suspend", server, **GROUNDED)
    assert ": resumed." in act(mine, "resume", server)
    assert ": suspended." in act(theirs, "suspend", other, **GROUNDED)
    assert "it is proposed" in act(mine, "suspend", server, **GROUNDED)


def test_the_third_deletion_that_one_operator_proposes_in_a_day_is_refused(opal, otto):
    servers = ServerFactory.create_batch(3)
    said = act(browser_of(opal), "propose_deletion", *servers, **GROUNDED)
    assert said.count("its deletion is proposed") == 2
    assert said.count("proposes no more server deletions in a day") == 1
    assert ProposedAct.objects.count() == 2
    (refused,) = Server.objects.filter(proposed_acts=None, pk__in=[each.pk for each in servers])
    assert "is proposed" in act(browser_of(otto), "propose_deletion", refused, **GROUNDED)


# --- what the server's administrators see ---------------------------------------------------------
def test_administrators_read_it_in_their_log_also_while_the_server_is_suspended(
    server, oren, opal, otto, monkeypatch
):
    monkeypatch.setitem(throttle.LIMITS, "operator-act", throttle.Limit(1, throttle.DAY))
    act(browser_of(opal), "suspend", server, **GROUNDED)
    act(browser_of(opal), "restrict", server, **GROUNDED)
    proposed_on(server, otto)
    page = Browser().sign_in(oren.warrant.account).get(reverse("log", args=[server.pk]))
    said = page.content.decode()
    for words in (
        "suspended the server (court order)",
        "proposed to restrict the server, to which a second operator must agree (court order)",
        "proposed to delete the whole server",
    ):
        assert words in said
