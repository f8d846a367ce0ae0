"""What a new owner is shown to do first: ticked by what happened, gone when done or hidden."""

import pytest
from django.urls import reverse

from accounts.factors import RecoveryDevice
from membership.actions import approve_join_request
from servers.models import Server, Standing
from tests.browser import Browser
from tests.factories import (
    AdministratorFactory,
    JoinRequestFactory,
    PolicyVersionFactory,
    SuspensionFactory,
)
from tests.support import actions_of, asked_of_database

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5")]


def overview(authority):
    browser = Browser().sign_in(authority.warrant.account)
    return browser.get(reverse("server", args=[authority.server_id]))


def done(authority):
    return [step.title for step in overview(authority).context["first_steps"] if step.is_done]


def test_each_step_is_ticked_by_what_happened(server, oren):
    assert done(oren) == []
    join_request = JoinRequestFactory(server=server)
    assert done(oren) == ["Share the Server ID"]
    approve_join_request(join_request, by=oren)
    assert done(oren) == ["Share the Server ID", "Approve the first request"]
    join_request.delete()  # as it is, 30 days later
    AdministratorFactory(server=server)
    PolicyVersionFactory(server=server, number=2)
    assert len(done(oren)) == 4
    assert "Save recovery codes" in overview(oren).content.decode()


def test_the_list_goes_when_all_is_done(server, oren):
    approve_join_request(JoinRequestFactory(server=server), by=oren)
    AdministratorFactory(server=server)
    PolicyVersionFactory(server=server, number=2)
    RecoveryDevice.objects.make(server.owner)
    assert "First steps" not in overview(oren).content.decode()


def test_it_leads_to_every_step(oren):
    browser = Browser().sign_in(oren.warrant.account)
    for step in overview(oren).context["first_steps"]:
        assert browser.get(step.url).status_code == 200


def test_only_the_owner_is_shown_it(ada):
    assert "First steps" not in overview(ada).content.decode()


def test_hidden_once_it_stays_away_and_no_log_says_so(server, oren):
    browser = Browser().sign_in(server.owner)
    page = reverse("server", args=[server.pk])
    browser.press(browser.get(page), "Hide it now")
    assert "First steps" not in browser.get(page).content.decode()
    assert "First steps" not in overview(oren).content.decode()
    assert actions_of(server) == []


def test_it_costs_no_query_of_its_own(server, oren):
    browser, page = Browser().sign_in(server.owner), reverse("server", args=[server.pk])
    shown = browser.get(page)
    with asked_of_database() as with_it:
        browser.get(page)
    browser.press(shown, "Hide it now")
    with asked_of_database() as without:
        browser.get(page)
    assert len(with_it) == len(without)


def test_a_server_that_is_not_active_says_where_it_stands_in_their_place(server, oren):
    SuspensionFactory(server=server)
    Server.objects.filter(pk=server.pk).update(standing=Standing.SUSPENDED)
    page = overview(oren).content.decode()
    assert "First steps" not in page
    assert "This server is suspended." in page
    assert reverse("endings", args=[server.pk]) in page
