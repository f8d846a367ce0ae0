"""Blocks: who is kept from asking again, seen, placed later, and lifted."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from enigm_command.lib import clock
from membership.actions import block_former_member, lift_block
from membership.models import AlreadyLifted, Block, JoinRequest
from tests.app import App
from tests.browser import Browser
from tests.factories import BlockFactory, FormerMemberFactory
from tests.support import actions_of, events_of
from tests.test_join_pages import said, shown

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14", "R15")]


@pytest.fixture
def browser(ada):
    return Browser().sign_in(ada.warrant.account)


@pytest.fixture
def former(server):
    return FormerMemberFactory(server=server, subject="uma")


def page_of(browser, server):
    return shown(browser.get(reverse("blocks", args=[server.pk])))


def test_the_page_shows_date_reason_and_end_and_says_what_a_block_cannot_do(browser, server):
    block = BlockFactory(server=server, reason="Shared what was not theirs")
    text = page_of(browser, server)
    assert all(words in text for words in (block.short_handle, block.reason, "It is lifted"))
    assert "comes with a new Enigm identity is a stranger here" in text


def test_blocks_that_are_over_and_those_of_other_servers_do_not_stand_there(browser, server):
    BlockFactory(server=server, until=clock.now() - timedelta(seconds=1))
    BlockFactory()
    assert "Nobody is blocked" in page_of(browser, server)


def test_a_block_that_is_lifted_lets_them_ask_again(browser, server):
    block = BlockFactory(server=server, subject="uma")
    App("uma").ask(server.locator)
    assert not JoinRequest.objects.of(server).exists()
    lifted = browser.post(reverse("block-lifting", args=[server.pk, block.pk]), follow=True)
    assert "They may ask to join again" in said(lifted)
    App("uma").ask(server.locator)
    assert JoinRequest.objects.of(server).exists()
    assert actions_of(server) == [Action.BLOCK_LIFTED]


def test_whoever_lifts_it_second_is_told_so(server, ada, oren):
    block = BlockFactory(server=server)
    lift_block(block, by=ada)
    with pytest.raises(AlreadyLifted):
        lift_block(block, by=oren)
    assert actions_of(server) == [Action.BLOCK_LIFTED]


def test_one_that_is_not_there_any_more_and_one_of_another_server_are_the_same(browser, server):
    theirs = BlockFactory()
    for pk in (theirs.pk, uuid4()):
        answer = browser.post(reverse("block-lifting", args=[server.pk, pk]), follow=True)
        assert said(answer) == "The block had ended already."
    assert Block.objects.get() == theirs


def test_a_former_user_is_blocked_until_a_day(server, ada, former):
    until = clock.now() + timedelta(days=7)
    block = block_former_member(former, until=until, reason="Forwarded it all", by=ada)
    (entry,) = events_of(server)
    assert entry.data["block"] == str(block.pk)
    assert entry.private["reason"] == "Forwarded it all"
    assert list(Block.objects.of(server).holding(former.handle)) == [block]


def test_a_second_block_takes_the_place_of_the_first(server, ada, former):
    block_former_member(former, until=clock.now() + timedelta(days=7), by=ada)
    block_former_member(former, until=None, by=ada)
    assert Block.objects.of(server).get().until is None


@pytest.mark.parametrize("typed", [{}, {"asking": "later"}, {"asking": "at_once"}])
def test_when_they_may_ask_again_has_to_be_said(browser, server, former, typed):
    answer = browser.post(reverse("block", args=[server.pk, former.pk]), typed)
    assert "There is a problem" in shown(answer)
    assert not Block.objects.exists()


@pytest.mark.requirement("R5")
def test_nobody_from_elsewhere_blocks_or_lifts(server, former, mallory):
    block = BlockFactory(server=server)
    with pytest.raises(OutsideAuthority):
        lift_block(block, by=mallory)
    with pytest.raises(OutsideAuthority):
        block_former_member(former, until=None, by=mallory)
    assert list(Block.objects.of(server)) == [block]
    assert events_of(server) == []
