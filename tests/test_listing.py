"""Pages of what devices may fetch: each looks at so much and no more, and none is missed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content import listing
from tests.factories import DeletionOrderFactory, WithholdingFactory
from tests.objects import available, member_of, store

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    monkeypatch.setattr(listing, "SIZE", 3)
    monkeypatch.setattr(listing, "LOOKED_AT", 4)
    monkeypatch.setattr(listing, "OVERLAP", timedelta(0))


@pytest.fixture
def max_(server):
    return member_of(server, "max")


def walk(access):
    """All pages, as a device asks for them."""
    pages, more, after = [], True, ""
    while more:
        page = listing.page(access, listing.Cursor.parse(after) if after else listing.Cursor())
        pages.append([listed.id for listed in page.objects])
        more, after = page.more, page.after
    return pages


def test_a_page_ends_where_it_stops_looking_and_says_that_there_is_more(uma, max_):
    for _ in range(9):
        store(max_)
    kept = store(uma).id
    DeletionOrderFactory(server=uma.server, author=max_.handle)
    assert walk(uma) == [[], [], [kept]]


def test_what_lies_among_deleted_objects_is_listed_once(uma, max_):
    kept = [store(member).id for member in (uma, max_, max_, uma, max_, max_, max_, uma, uma)]
    kept = [id for id, mine in zip(kept, (1, 0, 0, 1, 0, 0, 0, 1, 1), strict=True) if mine]
    DeletionOrderFactory(server=uma.server, author=max_.handle)
    assert [id for page in walk(uma) for id in page] == kept
    assert set(kept) == available(uma)


def test_the_last_object_of_a_look_is_not_shown_twice(uma, max_):
    store(max_)
    kept = [store(uma).id for _ in range(4)]
    DeletionOrderFactory(server=uma.server, author=max_.handle)
    assert walk(uma) == [kept[:3], kept[3:]]


def test_a_look_that_ends_on_the_last_object_of_all_is_followed_by_an_empty_page(uma, max_):
    for _ in range(4):
        store(max_)
    DeletionOrderFactory(server=uma.server, author=max_.handle)
    assert walk(uma) == [[], []]


def test_what_is_withheld_is_passed_over_in_the_same_way(uma, max_):
    for _ in range(5):
        store(max_)
    kept = store(uma).id
    WithholdingFactory(server=uma.server, author=max_.handle)
    assert walk(uma) == [[], [kept]]


def test_a_page_walks_along_the_index_even_where_nothing_is_known_of_a_day(uma):
    """No test analyses a table: to PostgreSQL every day here was filled just now."""
    store(uma)
    with CaptureQueriesContext(connection) as asked:
        listing.page(uma, listing.Cursor())
    (look,) = [query["sql"] for query in asked if "looked_at" in query["sql"]]
    with connection.cursor() as cursor:
        listing._keep_to_the_index()
        cursor.execute(f"EXPLAIN {look}")
        plan = "\n".join(line for (line,) in cursor)
    assert "Sort  (" not in plan
    assert "Bitmap" not in plan
    assert "received_at_id" in plan or "object_by_arrival" in plan


@pytest.mark.django_db(transaction=True)
def test_only_that_one_transaction_keeps_to_the_index(uma):
    listing.page(uma, listing.Cursor())
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_sort")
        assert cursor.fetchone() == ("on",)
