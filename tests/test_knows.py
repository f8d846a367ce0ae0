"""Everyone can read what the service keeps, and administrators how much of it is theirs."""

from datetime import timedelta
from html import escape

import pytest
from django.urls import reverse

from enigm_command.lib import clock
from enigm_command.lib.records import Class
from enigm_command.lib.wording import grouped
from enigm_command.register import REGISTER
from lifecycle.models import Hold
from tests.browser import Browser
from tests.factories import JoinRequestFactory, ServerFactory
from tests.objects import store
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]

COLUMNS = [(record.table, fact.name) for record in REGISTER for fact in record.facts]


def words(response) -> str:
    return " ".join(response.content.decode().split())


def rows_of(browser, server):
    page = browser.get(reverse("server-knows", args=[server.pk]))
    return {record.table: number for _, rows in page.context["parts"] for record, number in rows}


def test_every_column_stands_on_the_page_with_its_purpose_and_nothing_is_looked_up(
    django_assert_num_queries,
):
    with django_assert_num_queries(0):
        page = words(Browser().get(reverse("knows")))
    for record in REGISTER:
        assert escape(record.title) in page
        for fact in record.facts:
            assert f'class="mono">{fact.name}</th>' in page
            assert escape(fact.purpose[1:]) in page
            assert escape(fact.kept.words) in page


def test_programs_are_told_the_same(client):
    told = client.get(reverse("knows-json")).json()
    assert [(each["table"], each["column"]) for each in told["columns"]] == COLUMNS
    assert set(told["classes"]) == {each["class"] for each in told["columns"]} == set(Class)
    assert all(each["purpose"] and each["readers"] and each["kept"] for each in told["columns"])


def test_the_page_says_that_confidential_holds_can_exist():
    page = words(Browser().get(reverse("knows")))
    assert "Some holds are confidential" in page
    assert "none keeps an encrypted object longer than 30 days" in page


def test_administrators_see_how_much_is_kept_of_their_server(server, ada, uma):
    browser = Browser().sign_in(ada.warrant.account)
    before = rows_of(browser, server)
    store(uma)
    store(uma)
    JoinRequestFactory(server=server)
    after = rows_of(browser, server)
    more = {table: after[table] - before[table] for table in after if after[table] != before[table]}
    assert more == {"content_encryptedobject": 2, "membership_joinrequest": 1}
    assert (after["servers_server"], after["servers_administrator"]) == (1, 2)


def test_nothing_of_another_server_is_counted(server, oren):
    elsewhere = ServerFactory()
    JoinRequestFactory.create_batch(3, server=elsewhere)
    assert rows_of(Browser().sign_in(server.owner), server)["membership_joinrequest"] == 0


def test_every_table_that_belongs_to_servers_is_counted_in_one_query(
    server, oren, django_assert_max_num_queries
):
    browser = Browser().sign_in(server.owner)
    url = reverse("server-knows", args=[server.pk])
    with django_assert_max_num_queries(8):
        page = browser.get(url)
    counted = {record.table for _, rows in page.context["parts"] for record, _ in rows}
    assert counted == {record.table for record in REGISTER if record.of_server and record.counted}


@pytest.mark.requirement("R26")
def test_a_confidential_hold_leaves_no_trace_in_the_counts(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    before = rows_of(browser, server)
    with excused():
        Hold.objects.create(
            server=server,
            category=Hold.Category.LEGAL,
            confidential=True,
            reason="an order of a court",
            reference="C-1",
            until=clock.now() + timedelta(days=7),
        )
    assert rows_of(browser, server) == before


def test_large_numbers_are_grouped(server, oren):
    page = words(Browser().sign_in(server.owner).get(reverse("server-knows", args=[server.pk])))
    assert f'data-label="Rows">{grouped(1)}<' in page
