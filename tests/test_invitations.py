"""Invitations to administer a server: one link, one person, one week, and on record."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from accounts.models import Notice
from accounts.proposals import NotOpen
from audit.authority import OutsideAuthority
from enigm_command.lib import clock
from servers.actions import (
    accept_invitation,
    decline_invitation,
    invite_administrator,
    remove_administrator,
    withdraw_invitation,
)
from servers.models import Acceptance, Administrator, Invitation
from servers.models.invitation import CODE, KEPT, LASTS
from servers.purchase import terms
from servers.tasks import invitations as forget
from tests.browser import Browser
from tests.factories import AdministratorFactory, InvitationFactory
from tests.invitations import accept, answer_url, as_invited, found, masked, somebody
from tests.search import says
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R10")]


@pytest.fixture
def kim():
    return somebody("kim")


@pytest.fixture
def code(server, ada):
    return invite_administrator(server, "Kim of accounting", by=ada)


def administers(account, server):
    return server.administrators.filter(account=account).exists()


def rewrite(code, **changes):
    with excused():
        Invitation.objects.filter(pk=found(code).pk).update(**changes)


# --- making one -----------------------------------------------------------------------------------
def test_an_administrator_makes_a_link_that_is_shown_once(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    page = browser.post(
        reverse("administrator-invitation", args=[server.pk]), {"label": "Kim of accounting"}
    )
    code = page.context["code"]
    assert f"/invitations/{code}/" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    listed = browser.get(reverse("administrators", args=[server.pk])).content.decode()
    assert "Kim of accounting" in listed
    assert code not in listed


def test_the_log_says_who_invited_whom_and_the_leaf_names_nobody(server, ada, code):
    (event,) = events_of(server)
    assert event.action == "administrator.invited"
    assert event.private == {"actor": "ada", "invited": "Kim of accounting"}
    assert event.data["invitation"] == str(found(code).pk)
    assert not says("Kim", event.leaf)


def test_neither_the_code_nor_the_label_can_be_read_in_the_table(code):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, '') FROM servers_invitation row")
        stored = cursor.fetchone()[0]
    assert code not in stored
    assert not says("Kim", stored)
    assert Invitation.objects.get().code_digest != CODE.parse(code).encode()


def test_all_administrators_are_told(server, ada, oren, code):
    for by in (ada, oren):
        kinds = Notice.objects.filter(account=by.warrant.account).values_list("kind", flat=True)
        assert list(kinds) == ["administrator_invited"]


def test_a_stranger_invites_nobody_and_leaves_no_trace(server, mallory):
    with pytest.raises(OutsideAuthority):
        invite_administrator(server, "Mallory", by=mallory)
    assert not Invitation.objects.exists()
    assert not events_of(server)


def test_a_stale_factor_is_asked_for_first(server, ada):
    browser = Browser().sign_in(ada.warrant.account).grow_stale()
    answer = browser.post(reverse("administrator-invitation", args=[server.pk]), {"label": "Kim"})
    assert answer.url.startswith(reverse("confirm-you"))
    assert not Invitation.objects.exists()


def test_nobody_makes_them_by_the_hundred(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    url = reverse("administrator-invitation", args=[server.pk])
    answers = [browser.post(url, {"label": "Kim"}).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_an_invisible_character_is_refused(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    url = reverse("administrator-invitation", args=[server.pk])
    assert "cannot be used" in browser.post(url, {"label": "K\u202eim"}).content.decode()
    assert not Invitation.objects.exists()


def test_none_lasts_longer_than_a_week(oren):
    with pytest.raises(IntegrityError, match="invitation_lasts_a_week_at_most"):
        InvitationFactory(inviter=oren.warrant, ends_at=clock.now() + LASTS + timedelta(minutes=1))


# --- accepting ------------------------------------------------------------------------------------
def test_whoever_accepts_administers_and_takes_the_responsibility(server, kim, code):
    browser = Browser().sign_in(kim)
    answer = accept(browser, code, kim)

    assert answer.url == reverse("server", args=[server.pk])
    assert browser.get(answer.url).status_code == 200
    assert Acceptance.objects.filter(account=kim, version=terms.VERSION).exists()
    event = events_of(server)[-1]
    assert (event.action, event.actor_name) == ("administrator.added", "kim")
    assert event.data["capacity"] == "account"
    assert event.private["invited"] == "Kim of accounting"


def test_it_works_once(server, kim, code):
    accept(Browser().sign_in(kim), code, kim)
    second = somebody("lee")
    answer = Browser().sign_in(second).get(answer_url(code))
    assert answer.status_code == 404
    assert not administers(second, server)


def test_without_taking_the_responsibility_nothing_happens(server, kim, code):
    page = accept(Browser().sign_in(kim), code, kim, accepts="")
    assert "Accept the responsibility to go on." in page.content.decode()
    assert not administers(kim, server)
    assert not Acceptance.objects.filter(account=kim).exists()


def test_without_a_right_code_nothing_happens_but_an_entry(server, kim, code):
    accept(Browser().sign_in(kim), code, kim, code="000000")
    assert not administers(kim, server)
    assert actions_of(server)[-1] == "administrator.added refused"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_gets_in(server, oren, elsewhere):
    code = CODE.make()
    InvitationFactory(inviter=oren.warrant, code=code)
    people = [somebody("kim"), somebody("lee")]
    at_once = Barrier(2)

    def answer(account):
        invitation, by = as_invited(code, account)
        at_once.wait()
        try:
            accept_invitation(invitation, by=by)
        except NotOpen:
            return False
        return True

    answers = [elsewhere(partial(answer, account)) for account in people]
    assert sorted(each.result() for each in answers) == [False, True]
    assert server.administrators.count() == 2
    assert actions_of(server) == ["administrator.added"]


def test_an_administrator_gains_nothing_by_it_and_does_not_use_it_up(server, oren, code):
    page = Browser().sign_in(oren.warrant.account).get(answer_url(code)).content.decode()
    assert "You administer this server." in page
    invitation, by = as_invited(code, oren.warrant.account)
    with pytest.raises(NotOpen):
        accept_invitation(invitation, by=by)
    assert found(code).answer == ""


def test_a_closed_account_gets_no_power(server, kim, code):
    invitation, by = as_invited(code, kim)
    with excused():
        kim.close()
    with pytest.raises(NotOpen):
        accept_invitation(invitation, by=by)
    assert not administers(kim, server)


# --- the power that it stands on ------------------------------------------------------------------
def test_it_ends_with_the_power_of_whoever_invited(server, oren, ada, kim, code):
    invitation, by = as_invited(code, kim)
    remove_administrator(ada.warrant, by=oren)

    assert Browser().sign_in(kim).get(answer_url(code)).status_code == 404
    with pytest.raises(OutsideAuthority):
        accept_invitation(invitation, by=by)
    assert not administers(kim, server)


def test_coming_back_does_not_bring_back_the_invitations(server, oren, ada, code):
    remove_administrator(ada.warrant, by=oren)
    AdministratorFactory(server=server, account=ada.warrant.account)
    assert Invitation.objects.with_code(code) is None


# --- what opens nothing ---------------------------------------------------------------------------
def test_unknown_used_withdrawn_declined_and_expired_look_the_same(server, ada, kim):
    codes = {name: invite_administrator(server, name, by=ada) for name in ("w", "d", "e", "u")}
    withdraw_invitation(found(codes["w"]), by=ada)
    invitation, by = as_invited(codes["d"], somebody("lee"))
    decline_invitation(invitation, by=by)
    rewrite(codes["e"], ends_at=clock.now())
    may = somebody("may")
    accept(Browser().sign_in(may), codes["u"], may)

    browser = Browser().sign_in(kim)
    urls = [answer_url(code) for code in (CODE.make(), *codes.values())]
    answers = {masked(browser.get(url)) for url in urls}
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_the_public_page_is_the_same_for_every_code(code):
    pages = []
    for each in (code, CODE.make()):
        answer = Browser().get(reverse("invitation", args=[each]))
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        pages.append(answer.content.decode().replace(each, ""))
    assert pages[0] == pages[1]
    assert "Atelier" not in pages[0]


def test_a_typing_error_is_told_before_anything_is_looked_up(code):
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert Browser().get(reverse("invitation", args=[wrong])).status_code == 404
    page = Browser().post(reverse("invitations"), {"code": wrong}).content.decode()
    assert "typing error" in page


def test_a_typed_code_leads_to_the_same_page(code):
    answer = Browser().post(reverse("invitations"), {"code": code.lower().replace("-", " ")})
    assert answer.url == reverse("invitation", args=[code])


def test_codes_are_not_tried_by_the_hundred(kim):
    browser = Browser().sign_in(kim)
    answers = [browser.get(answer_url(CODE.make())).status_code for _ in range(21)]
    assert answers == [404] * 20 + [429]


def test_who_is_not_signed_in_comes_back_to_the_question(code):
    answer = Browser().get(answer_url(code))
    assert answer.status_code == 302
    assert answer.url == f"{reverse('sign-in')}?next={answer_url(code)}"


# --- ending one -----------------------------------------------------------------------------------
def test_any_administrator_withdraws_it(server, oren, kim, code):
    browser = Browser().sign_in(oren.warrant.account)
    pk = found(code).pk
    browser.post(reverse("invitation-withdrawal", args=[server.pk, pk]))

    assert Invitation.objects.with_code(code) is None
    assert actions_of(server)[-1] == "administrator.invitation_withdrawn"
    again = browser.post(reverse("invitation-withdrawal", args=[server.pk, pk]), follow=True)
    assert "That invitation was answered" in again.content.decode()


def test_another_servers_administrator_withdraws_nothing(server, mallory, code):
    theirs = mallory.warrant.server
    browser = Browser().sign_in(mallory.warrant.account)
    for where in (server, theirs):
        url = reverse("invitation-withdrawal", args=[where.pk, found(code).pk])
        assert browser.post(url).status_code == 404
    with pytest.raises(OutsideAuthority):
        withdraw_invitation(found(code), by=mallory)


def test_declining_ends_it_and_is_recorded(server, kim, code):
    answer = Browser().sign_in(kim).post(reverse("invitation-refusal", args=[code]))
    assert answer.url == reverse("servers")
    assert Invitation.objects.with_code(code) is None
    assert actions_of(server)[-1] == "administrator.invitation_declined"
    assert not Administrator.objects.filter(account=kim).exists()


def test_a_month_after_their_end_they_are_forgotten(oren):
    kept = InvitationFactory(inviter=oren.warrant)
    InvitationFactory(
        inviter=oren.warrant,
        made_at=clock.now() - LASTS - KEPT - timedelta(minutes=1),
        ends_at=clock.now() - KEPT - timedelta(minutes=2),
    )
    forget()
    assert list(Invitation.objects.all()) == [kept]
