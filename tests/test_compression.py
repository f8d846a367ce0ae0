"""What travels compressed, and what must keep its length."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from tests.app import App

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

TAKES_GZIP = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_compressed_for_whoever_takes_it_so():
    plain = Client().get(reverse("limits"))
    packed = Client().get(reverse("limits"), headers=TAKES_GZIP)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_length_of_a_page_is_blurred():
    lengths = {len(Client().get(reverse("limits"), headers=TAKES_GZIP).content) for _ in range(20)}
    assert len(lengths) > 1


@pytest.mark.parametrize("route", ["knows-json", "security-txt", "app-api:openapi-json", "readyz"])
def test_nothing_but_pages_is(route):
    answer = Client().get(reverse(route), headers=TAKES_GZIP)
    assert "Content-Encoding" not in answer.headers


def test_what_the_app_is_told_keeps_its_length(server, uma):
    answer = App("uma").get(reverse("app-api:read_feed", args=[server.locator]), headers=TAKES_GZIP)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
