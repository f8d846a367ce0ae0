"""The Server ID in every form in which it is given to people: an address, not a password."""

import pytest
from django.urls import reverse

from tests.browser import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R11")]


@pytest.fixture
def page(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    return browser.get(reverse("invite", args=[server.pk])).content.decode()


def test_it_shows_the_server_id_its_link_and_its_code(page, server, settings):
    assert server.locator in page
    assert f"{settings.SITE_URL}/j/{server.locator}/" in page
    assert "QR code of the join link" in page


def test_it_says_what_a_server_id_is_not(page):
    assert "It is an address, not a password" in page
    assert "Nobody gets in until you approve them" in page


def test_what_is_given_away_names_no_server(page, settings):
    words = page[page.index("Words to send") : page.index("You see nothing until")]
    assert "Atelier North" not in words
