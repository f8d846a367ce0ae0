"""Small things that everything stands on."""

import logging

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from enigm_command.lib import clock, doorbell, paging
from enigm_command.lib.http import safe_next
from enigm_command.lib.logs import Scrubbed
from enigm_command.lib.models import SweepRun


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/servers/", "/servers/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_host(wanted, goes_to):
    assert safe_next(RequestFactory().get("/sign-in/", {"next": wanted}), "/") == goes_to


@pytest.mark.django_db
def test_the_clock_is_the_databases_and_moves_within_a_transaction():
    with transaction.atomic():
        assert clock.now() < clock.now()


@pytest.mark.django_db
@pytest.mark.requirement("R29")
def test_a_logged_database_error_does_not_print_the_row():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE secret (word text CHECK (word <> 'canary'))")
    with (
        pytest.raises(IntegrityError, match="Failing row contains") as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO secret VALUES ('canary')")
    broken = caught.value, (caught.type, caught.value, caught.tb)
    line = Scrubbed().format(logging.LogRecord("x", 40, "", 0, "failed: %s", broken[:1], broken[1]))
    assert "violates check constraint" in line
    assert "Failing row" not in line


@pytest.mark.django_db
def test_a_dead_broker_is_logged_and_breaks_nothing(
    settings, caplog, django_capture_on_commit_callbacks
):
    with current_app.connection_for_write() as live:
        address = live.as_uri(include_password=True)
    current_app.conf.broker_url = "redis+socket:///nowhere.sock"
    current_app.amqp._producer_pool = None
    try:
        with django_capture_on_commit_callbacks(execute=True):
            doorbell.ring("content.purge", 7)
    finally:
        current_app.conf.broker_url = address
        current_app.amqp._producer_pool = None
    assert "nobody was woken for content.purge" in caplog.text


@pytest.mark.django_db
def test_pages_follow_one_another_without_gap_or_repetition():
    names = [f"tests.{n:03}" for n in range(25)]
    SweepRun.objects.bulk_create(SweepRun(name=name, fence=name[-1] > "4") for name in names)
    mine, seen, after = SweepRun.objects.filter(name__startswith="tests."), [], ""
    while True:
        page = paging.page(mine, by="fence", after=after, size=10)
        seen += [run.name for run in page.rows]
        if not (after := page.after):
            break
    assert seen == sorted(names, key=lambda name: (name[-1] > "4", name))


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["x", "~", "7", "x~tests.1", "9" * 400 + "~a"])
def test_a_key_that_was_never_given_out_leads_to_the_first_page(after):
    SweepRun.objects.create(name="tests.one")
    mine = SweepRun.objects.filter(name__startswith="tests.")
    assert len(paging.page(mine, by="fence", after=after).rows) == 1


@pytest.mark.requirement("R30")
def test_a_logged_address_does_not_print_the_apps_secret():
    address = "/api/v1/join-requests/" + "s3cr3t-" * 6
    line = Scrubbed().format(logging.LogRecord("x", 40, "", 0, "failed: %s", (address,), None))
    assert line.endswith("/api/v1/join-requests/(left out)")
