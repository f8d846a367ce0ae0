"""The page on which somebody sees all their servers, first those that need them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from content.actions import propose_emptying
from content.models import ObjectCount
from content.partitions import utc_today
from enigm_command.lib import clock, vault
from servers.models import Standing
from tests.browser import Browser
from tests.factories import (
    AccountFactory,
    DeletionOrderFactory,
    JoinRequestFactory,
    MembershipFactory,
    PolicyVersionFactory,
    ServerFactory,
)
from tests.support import asked_of_database

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5")]
PAGE = reverse("servers")


@pytest.fixture
def owner():
    return AccountFactory()


def page(account):
    return Browser().sign_in(account).get(PAGE)


def names(answer):
    return [server.shown_name for server in answer.context["rows"]]


def test_without_a_server_the_page_says_what_one_is_and_where_to_begin(owner):
    text = page(owner).content.decode()
    assert "You administer no server yet" in text
    assert reverse("checkout") in text
    assert reverse("invitations") in text


def test_one_server_is_shown_plainly(owner):
    server = ServerFactory(owner=owner)
    JoinRequestFactory(server=server)
    text = page(owner).content.decode()
    assert "1 waiting to join" in text
    assert "Longest stored" not in text


def test_what_needs_the_reader_comes_first_then_what_is_under_way(owner):
    quiet, erasing, asked, most = (
        ServerFactory(owner=owner, name=name)
        for name in ("Quiet", "Erasing", "Asked", "Most asked")
    )
    ServerFactory(owner=owner, name="Suspended", standing=Standing.SUSPENDED)
    DeletionOrderFactory(server=erasing)
    JoinRequestFactory(server=asked)
    JoinRequestFactory.create_batch(2, server=most)
    MembershipFactory.create_batch(3, server=quiet)
    oldest_at = clock.now() - timedelta(days=5)
    held = {"kind": "media", "objects_held": 1, "bytes_held": 1, "oldest_at": oldest_at}
    ObjectCount.objects.create(server_id=quiet.pk, expires_on=utc_today(), **held)
    answer = page(owner)
    assert names(answer) == ["Most asked", "Asked", "Erasing", "Suspended", "Quiet"]
    text = answer.content.decode()
    assert "5 days" in text
    assert (answer.context["waiting"], answer.context["running"]) == (3, 1)


def test_thirty_servers_cost_as_many_queries_as_two(owner):
    ServerFactory.create_batch(2, owner=owner)
    few = queries(owner)
    for server in ServerFactory.create_batch(28, owner=owner):
        JoinRequestFactory(server=server)
        DeletionOrderFactory(server=server)
    assert queries(owner) == few <= 8


def test_who_is_asked_to_agree_to_an_emptying_reads_so_and_who_proposed_it_does_not(
    server, oren, ada
):
    PolicyVersionFactory(server=server, number=2, emptying_needs_two=True)
    propose_emptying(server, by=oren)
    words = "Your answer: delete all content"
    assert words in page(ada.warrant.account).content.decode()
    assert words not in page(server.owner).content.decode()


def queries(account):
    """Of a process that remembers nobody's keys but the platform's."""
    browser = Browser().sign_in(account)
    vault.forget()
    vault.have_at_hand([vault.PLATFORM])
    with asked_of_database() as asked:
        assert browser.get(PAGE).status_code == 200
    return len([each for each in asked if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))])
