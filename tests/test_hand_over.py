"""A server changes its owner: both confirm, both stay administrators, and it is on record."""

from functools import partial
from threading import Barrier

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.urls import reverse

from accounts.models import Notice, Proposal
from accounts.proposals import NotOpen
from audit.authority import OutsideAuthority
from audit.vocabulary import Capacity
from enigm_command.lib import clock
from lifecycle.actions import order_server_deletion, retire_server
from servers.actions import (
    accept_owner_invitation,
    accept_ownership,
    decline_ownership,
    invite_owner,
    leave_administration,
    offer_ownership,
    remove_administrator,
    withdraw_ownership,
)
from servers.closing import StillNeeded
from servers.edge import authority_of
from servers.models import Acceptance, Administrator, Invitation, Server, Standing
from servers.models.server import NotTheOwner
from servers.ownership import AlreadyOffered, current
from servers.purchase import terms
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import (
    AccountFactory,
    AdministratorFactory,
    AuthenticatorFactory,
    BoughtFactory,
    ServerFactory,
    SubscriptionFactory,
)
from tests.invitations import accept, answer_url, as_invited, somebody
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R10")]


def page(route, server, *args):
    return reverse(route, args=[server.pk, *args])


def owner_of(server):
    return Server.objects.get(pk=server.pk).owner


def authority(power):
    """What an account may do on a server now: the edge mints it anew for every request."""
    powers = Administrator.objects.select_related("server")
    fresh = powers.get(server=power.server_id, account=power.account_id)
    return authority_of(fresh, fresh.account.username)


def confirm(browser, url, account, **typed):
    """Answer the question on the page with a fresh code."""
    asked = browser.get(url).context["form"].confirmation
    return browser.post(
        url, {"confirmation": asked.pk, "code": fresh_code(account), **typed}, follow=True
    )


@pytest.fixture
def kim(server):
    power = AdministratorFactory(server=server, account=AccountFactory(username="kim"))
    return authority_of(power, "kim")


@pytest.fixture
def browsers(oren, ada):
    """Those of Oren and Ada, each with an authenticator of their own."""
    for by in (oren, ada):
        AuthenticatorFactory(user=by.warrant.account)
    return [Browser().sign_in(by.warrant.account) for by in (oren, ada)]


# --- to a fellow administrator --------------------------------------------------------------------
def test_both_confirm_and_the_former_owner_stays_an_administrator(server, oren, ada, browsers):
    owner, heir = browsers
    offer_url = page("ownership-offer", server, ada.warrant.pk)
    text = confirm(owner, offer_url, oren.warrant.account).content.decode()
    assert "ada can take the server over within seven days." in text
    assert owner_of(server).username == "oren"

    text = confirm(
        heir, page("ownership-acceptance", server), ada.warrant.account, accepts="on"
    ).content.decode()
    assert "You own this server now." in text
    assert owner_of(server).username == "ada"
    assert server.administrators.filter(account=oren.warrant.account).exists()
    assert authority(oren.warrant).capacity == Capacity.ADMINISTRATOR
    assert actions_of(server) == ["server.ownership_offered", "server.handed_over"]
    assert events_of(server)[-1].private == {"actor": "ada", "owner_before": "oren"}


def test_nothing_changes_by_a_wrong_code_on_either_side(server, oren, ada, browsers):
    owner, heir = browsers
    url = page("ownership-offer", server, ada.warrant.pk)
    confirm(owner, url, oren.warrant.account, code="000000")
    assert current(server) is None

    offer_ownership(ada.warrant, by=oren)
    url = page("ownership-acceptance", server)
    confirm(heir, url, ada.warrant.account, code="000000", accepts="on")
    confirm(heir, url, ada.warrant.account, accepts="")
    assert owner_of(server).username == "oren"
    assert actions_of(server) == [
        "server.ownership_offered refused",
        "server.ownership_offered",
        "server.handed_over refused",
    ]


def test_the_new_owner_takes_the_responsibility(server, oren, ada, browsers):
    offer_ownership(ada.warrant, by=oren)
    url = page("ownership-acceptance", server)
    confirm(browsers[1], url, ada.warrant.account, accepts="on")
    taken = Acceptance.objects.filter(account=ada.warrant.account, version=terms.VERSION)
    assert taken.exists()


def test_a_confirmation_for_one_heir_offers_it_to_no_other(server, oren, ada, kim, browsers):
    owner = browsers[0]
    asked = owner.get(page("ownership-offer", server, ada.warrant.pk)).context["form"].confirmation
    said = {"confirmation": asked.pk, "code": fresh_code(oren.warrant.account)}
    owner.post(page("ownership-offer", server, kim.warrant.pk), said)
    assert current(server) is None


def test_only_the_one_it_was_offered_to_takes_it(server, oren, ada, kim):
    offer_ownership(ada.warrant, by=oren)
    with pytest.raises(NotOpen):
        accept_ownership(server, by=kim)
    with pytest.raises(NotOpen):
        accept_ownership(server, by=oren)
    with pytest.raises(NotOpen):
        decline_ownership(server, by=kim)
    assert owner_of(server).username == "oren"


def test_nobody_but_the_owner_offers_it(server, ada, kim, mallory):
    for by in (ada, mallory):
        with pytest.raises(OutsideAuthority):
            offer_ownership(kim.warrant, by=by)
    browser = Browser().sign_in(ada.warrant.account)
    assert browser.get(page("ownership-offer", server, kim.warrant.pk)).status_code == 403
    assert browser.get(page("owner-invitation", server)).status_code == 403
    assert current(server) is None


def test_one_offer_at_a_time(server, oren, ada, kim):
    offer_ownership(ada.warrant, by=oren)
    with pytest.raises(AlreadyOffered):
        offer_ownership(kim.warrant, by=oren)
    assert current(server).heir == ada.warrant


def test_it_is_declined_or_taken_back_with_one_click(server, oren, ada, browsers):
    owner, heir = browsers
    offer_ownership(ada.warrant, by=oren)
    assert "offers this server to you" in heir.get(page("ownership", server)).content.decode()
    heir.post(page("ownership-refusal", server))
    offer_ownership(ada.warrant, by=oren)
    owner.post(page("ownership-withdrawal", server))

    assert current(server) is None
    assert actions_of(server)[1::2] == ["server.ownership_declined", "server.ownership_withdrawn"]
    with pytest.raises(NotOpen):
        accept_ownership(server, by=ada)
    with pytest.raises(NotOpen):
        withdraw_ownership(server, by=oren)


def test_an_offer_ends_after_a_week(server, oren, ada):
    offer_ownership(ada.warrant, by=oren)
    Proposal.objects.update(ends_at=clock.now())
    with pytest.raises(NotOpen):
        accept_ownership(server, by=ada)


def test_an_offer_ends_with_the_power_of_the_heir_and_does_not_come_back(server, oren, ada):
    offer_ownership(ada.warrant, by=oren)
    remove_administrator(ada.warrant, by=oren)
    AdministratorFactory(server=server, account=ada.warrant.account)
    assert current(server) is None


def test_everyone_is_told_of_the_offer_and_of_the_change(server, oren, ada, kim):
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)
    for by in (oren, ada, kim):
        told = Notice.objects.filter(account=by.warrant.account).order_by("at")
        kinds = list(told.values_list("kind", flat=True))
        assert kinds == ["ownership_offered", "server_handed_over"]


def test_the_former_owner_can_leave_and_the_new_one_cannot(server, oren, ada):
    with pytest.raises(StillNeeded):
        leave_administration(oren.warrant, by=oren)
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)
    former = authority(oren.warrant)
    leave_administration(former.warrant, by=former)
    with pytest.raises(StillNeeded):
        leave_administration(ada.warrant, by=authority(ada.warrant))


def test_an_authority_from_before_gives_nothing_away_afterwards(server, oren, ada, kim):
    """The edge minted Oren's power as owner before Ada took over; it must not be good now."""
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)
    with pytest.raises(NotTheOwner):
        offer_ownership(kim.warrant, by=oren)
    assert current(Server.objects.get(pk=server.pk)) is None
    assert owner_of(server).username == "ada"


def test_an_authority_from_before_ends_nothing_afterwards(server, oren, ada):
    """Oren's order to delete the server was on its way as the owner's while Ada took over."""
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)
    for act in (retire_server, order_server_deletion):
        with pytest.raises(OutsideAuthority):
            act(server, by=oren)
    server.refresh_from_db()
    assert server.standing == Standing.ACTIVE


def test_nor_does_one_from_before_an_invited_owner_came(server, oren, ada):
    invitation, by = as_invited(invite_owner(server, "Kim", by=oren), somebody("kim"))
    accept_owner_invitation(invitation, by=by)
    with pytest.raises(OutsideAuthority):
        order_server_deletion(server, by=oren)
    server.refresh_from_db()
    assert server.standing == Standing.ACTIVE


def test_an_invitation_of_the_former_owner_is_void_when_they_own_it_again(server, oren, ada):
    """Who comes back as the owner means it anew; what they offered before is over."""
    invitation, by = as_invited(invite_owner(server, "Kim", by=oren), somebody("kim"))
    for giver, taker in ((oren, ada), (ada, oren)):
        giver, taker = authority(giver.warrant), authority(taker.warrant)
        offer_ownership(taker.warrant, by=giver)
        accept_ownership(server, by=taker)
        server.refresh_from_db()
    with pytest.raises(NotOpen):
        accept_owner_invitation(invitation, by=by)
    assert owner_of(server).username == "oren"


def test_the_former_owner_has_been_there_since_when_they_were(server, oren, ada):
    since = Administrator.objects.get(pk=oren.warrant.pk).since
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)
    assert authority(oren.warrant).warrant.since == since


# --- by invitation --------------------------------------------------------------------------------
def test_the_owner_invites_a_new_owner(server, oren, browsers):
    kim = somebody("kim")
    url = page("owner-invitation", server)
    made = confirm(browsers[0], url, oren.warrant.account, label="Kim of accounting")
    assert owner_of(server).username == "oren"
    browser = Browser().sign_in(kim)
    accept(browser, made.context["code"], kim)

    assert owner_of(server) == kim
    assert server.administrators.filter(account=oren.warrant.account).exists()
    assert actions_of(server) == ["server.owner_invited", "server.handed_over"]
    assert events_of(server)[-1].private["owner_before"] == "oren"


def test_a_fellow_administrator_becomes_the_owner_by_it_too(server, oren, ada):
    code = invite_owner(server, "Ada", by=oren)
    invitation, by = as_invited(code, ada.warrant.account)
    accept_owner_invitation(invitation, by=by)
    assert owner_of(server).username == "ada"
    assert server.administrators.count() == 2


def test_it_opens_nothing_once_somebody_else_owns_the_server(server, oren, ada):
    code = invite_owner(server, "Kim", by=oren)
    kim = somebody("kim")
    invitation, by = as_invited(code, kim)
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)

    assert Browser().sign_in(kim).get(answer_url(code)).status_code == 404
    with pytest.raises(NotOpen):
        accept_owner_invitation(invitation, by=by)
    assert owner_of(server).username == "ada"
    assert not Administrator.objects.filter(account=kim).exists()


# --- at once --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(10))
def test_who_takes_over_while_being_removed_either_owns_it_or_is_gone(elsewhere, attempt):
    server = ServerFactory()
    heir, other = (AdministratorFactory(server=server) for _ in range(2))
    oren = authority_of(server.administrators.get(account=server.owner), "oren")
    offer_ownership(heir, by=oren)
    at_once = Barrier(2)

    def go(act, by):
        at_once.wait()
        try:
            act(by=by)
        except (StillNeeded, NotOpen, OutsideAuthority) as refused:
            return type(refused)
        return None

    acts = [
        (partial(accept_ownership, server), authority(heir)),
        (partial(remove_administrator, heir), authority(other)),
    ]
    results = [elsewhere(partial(go, *act)).result for act in acts]
    ended = [result() for result in results]
    assert ended.count(None) == 1, ended
    owner = owner_of(server)
    assert server.administrators.filter(account=owner).exists()
    assert (owner == heir.account) == (ended[0] is None)


def hold(change):
    """The rows alone, without an act: only what the database holds at commit is tried."""
    with excused():
        change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_lets_nobody_own_what_they_do_not_administer(server, ada):
    rows, stranger = Server.objects.filter(pk=server.pk), AccountFactory()
    with pytest.raises(IntegrityError, match="the owner of a server administers it"):
        hold(lambda: rows.update(owner=stranger))


def test_the_database_keeps_the_owner_an_administrator(server, oren, ada):
    row = Administrator.objects.filter(pk=oren.warrant.pk)
    with pytest.raises(DatabaseError, match="the owner of a server administers it"):
        hold(row.delete)


# --- as chosen at the checkout --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("runs", "leads_to"),
    [("buyer", None), ("administrator", "administrator-invitation"), ("owner", "owner-invitation")],
)
def test_the_created_page_leads_to_the_invitation_that_was_chosen(server, oren, runs, leads_to):
    purchase = BoughtFactory(server=server, runs=runs)
    url = reverse("creation", args=[purchase.pk])
    text = Browser().sign_in(oren.warrant.account).get(url).content.decode()
    for route in ("administrator-invitation", "owner-invitation"):
        assert (page(route, server) in text) == (route == leads_to)


def test_the_buyer_owns_it_until_the_other_one_has_accepted(server, oren):
    purchase = BoughtFactory(server=server, runs="owner")
    code = invite_owner(server, "Kim", by=oren)
    assert owner_of(server).username == "oren"
    kim = somebody("kim")
    invitation, by = as_invited(code, kim)
    accept_owner_invitation(invitation, by=by)

    text = Browser().sign_in(oren.warrant.account).get(reverse("creation", args=[purchase.pk]))
    assert "kim owns it now." in text.content.decode()
    assert Invitation.objects.get().answer == "accepted"


def test_the_subscription_goes_over_with_the_server(server, oren, ada):
    paid = SubscriptionFactory(purchase=BoughtFactory(server=server))
    offer_ownership(ada.warrant, by=oren)
    accept_ownership(server, by=ada)
    url = reverse("cancellation", args=[paid.pk])
    assert Browser().sign_in(oren.warrant.account).post(url).status_code == 404
    Browser().sign_in(ada.warrant.account).post(url)

    assert actions_of(server)[-1] == "subscription.cancelled"
    assert events_of(server)[-1].actor_name == "ada"


def test_who_was_invited_has_no_other_power(server, oren, ada):
    """What somebody answers an invitation with is good for nothing else on the server."""
    _, by = as_invited(invite_owner(server, "Kim", by=oren), somebody("kim"))
    acts = [
        partial(offer_ownership, ada.warrant),
        partial(remove_administrator, ada.warrant),
        partial(accept_ownership, server),
    ]
    for act in acts:
        with pytest.raises(OutsideAuthority):
            act(by=by)
    assert owner_of(server).username == "oren"
