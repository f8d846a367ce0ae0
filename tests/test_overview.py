"""The first page of a server: short, however much is going on there."""

import pytest
from django.urls import reverse

from tests.browser import Browser
from tests.factories import DeletionOrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def overview(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    return lambda: browser.get(reverse("server", args=[server.pk])).content.decode()


def test_each_deletion_under_way_stands_there_with_the_way_to_it(server, overview):
    placed = DeletionOrderFactory(server=server)
    shown = overview()
    assert f"Deletion D-{placed.number} is being carried out" in shown
    assert reverse("order", args=[server.pk, placed.pk]) in shown
    assert "More deletions" not in shown


def test_of_many_the_newest_three_stand_there_and_that_there_are_more(server, overview):
    placed = [DeletionOrderFactory(server=server) for _ in range(5)]
    shown = overview()
    told = [order for order in placed if f"Deletion D-{order.number} is" in shown]
    assert told == placed[-3:]
    assert "More deletions are being carried out" in shown
    assert f'href="{reverse("orders", args=[server.pk])}"' in shown
