"""Privacy, terms, the app, abuse: what these pages say is what the program does."""

from html import escape

import pytest
from django.urls import reverse

from enigm_command.lib.wording import span
from enigm_command.register import REGISTER
from lifecycle.models import Reason
from lifecycle.models.retirement import NOTICE
from servers.purchase import consequences
from servers.purchase.terms import TEXT, VERSION
from tests.browser import Browser
from tests.factories import AccountFactory

pytestmark = pytest.mark.requirement("R27", "R31")

SWISS = "Enigm’s Swiss subsidiary"


def page(route: str) -> str:
    return " ".join(Browser().get(reverse(route)).content.decode().split())


def said(words: str) -> str:
    """As a page shows a sentence of the program."""
    return escape(words[:1].upper() + words[1:])


@pytest.mark.parametrize("route", ["get", "privacy", "report-abuse", "terms"])
def test_everyone_reads_it_and_nothing_is_looked_up(route, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert Browser().get(reverse(route)).status_code == 200
    assert Browser().sign_in(AccountFactory()).get(reverse(route)).status_code == 200


@pytest.mark.parametrize("route", ["home", "sign-in", "status"])
def test_every_page_outside_a_server_leads_to_them(route, db):
    shown = page(route)
    for paper in ("get", "privacy", "report-abuse", "terms"):
        assert f'href="{reverse(paper)}"' in shown


# --- privacy --------------------------------------------------------------------------------------
def test_whatever_says_something_of_somebody_stands_there_with_its_time():
    rows = page("privacy").split("<tr>")
    for record in REGISTER:
        named = [row for row in rows if f'<th scope="row">{escape(record.title)}</th>' in row]
        assert len(named) == bool(record.about_people), record.title
        for row in named:
            assert said(record.kept.words) in row
            assert escape(", ".join(record.readers)[1:]) in row
            assert all(escape(fact.kept.words) in row for fact in record.exceptions)


def test_a_table_with_one_name_in_it_is_about_people():
    titles = {record.title for record in REGISTER if record.about_people}
    assert {"Accounts", "Users", "Requests to join", "Invoices", "Encrypted objects"} <= titles
    assert not {"The price list", "Runs of what happens by the clock"} & titles


def test_it_says_who_answers_and_how_to_reach_them(settings):
    settings.PUBLIC_CONTACT = "mailto:people@example.org"
    for route in ("privacy", "terms", "report-abuse"):
        assert '<a href="mailto:people@example.org">people@example.org</a>' in page(route)
    for route in ("privacy", "terms"):
        assert SWISS in page(route)
        assert "in every region" in page(route)


# --- terms ----------------------------------------------------------------------------------------
@pytest.mark.requirement("R10")
def test_the_terms_hold_the_very_words_that_owners_accept():
    shown = page("terms")
    assert f"Version {VERSION}" in shown
    assert all(f"<span>{escape(sentence)}</span>" in shown for sentence in TEXT)


def test_the_terms_state_what_paying_changes_and_how_an_end_is_announced():
    shown = page("terms")
    for label, row in consequences.rows():
        assert f'<th scope="row">{label}</th>' in shown
        assert escape(row.when) in shown
        assert escape(row.words) in shown
    assert f"announced {span(NOTICE)} ahead at least" in shown


@pytest.mark.requirement("R26")
@pytest.mark.parametrize("route", ["terms", "report-abuse"])
def test_every_ground_on_which_operators_act_is_named(route):
    shown = page(route).lower()
    assert all(escape(reason.label.lower()) in shown for reason in Reason)


# --- abuse ----------------------------------------------------------------------------------------
@pytest.mark.requirement("R1", "R10", "R26")
def test_who_reports_abuse_is_told_what_operators_can_and_cannot_do():
    shown = page("report-abuse")
    for power in ("Restrict a server", "Suspend it", "Retire it", "Delete it, if a second"):
        assert power in shown
    for limit in ("Read what was written", "bring back", "who wrote to whom", "one user off"):
        assert limit in shown
    assert "stores no reports" in shown


# --- the app --------------------------------------------------------------------------------------
def test_the_app_is_to_be_had_where_the_settings_say(settings):
    settings.APP_ADDRESSES = {"Android": "https://app.example.org/a", "iPhone": "https://app.test"}
    shown = page("get")
    for name, address in settings.APP_ADDRESSES.items():
        assert f'href="{address}">{name}</a>' in shown
    assert "names no place" not in shown


def test_without_an_address_the_page_says_whom_to_ask_and_links_nowhere(settings):
    settings.APP_ADDRESSES = {}
    shown = page("get")
    assert "names no place to get it" in shown
    assert 'href="https://' not in shown
