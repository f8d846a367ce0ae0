"""How often something may be tried: counted exactly, remembered briefly, and about nobody."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from enigm_command.lib import clock, http, throttle
from enigm_command.lib.models import ThrottleBucket
from enigm_command.lib.tasks import throttle_buckets
from enigm_command.lib.throttle import LIMITS, Limit, TooMany
from tests.test_architecture import product_modules

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]


@pytest.fixture
def limit(monkeypatch):
    """Sets a limit of the tests' own."""
    return lambda times, per: monkeypatch.setitem(LIMITS, "tests", Limit(times, per))


def let_through(times, *who):
    """How many of so many tries are."""
    passed = 0
    for _ in range(times):
        try:
            throttle.hit("tests", *who)
        except TooMany:
            continue
        passed += 1
    return passed


def wait_of(*who):
    with pytest.raises(TooMany) as refused:
        throttle.hit("tests", *who)
    return refused.value.wait


def later(by):
    """As if so much time had passed."""
    for bucket in ThrottleBucket.objects.all():
        ThrottleBucket.objects.filter(pk=bucket.pk).update(empty_at=bucket.empty_at - by)


# --- counting -------------------------------------------------------------------------------------
def test_a_bucket_holds_its_tries_and_no_more(limit):
    limit(20, timedelta(hours=1))
    assert let_through(50, "ada") == 20


@pytest.mark.django_db(transaction=True)
def test_of_four_hundred_at_once_exactly_as_many_pass_as_may(limit, elsewhere):
    limit(20, timedelta(hours=1))
    tries = [elsewhere(lambda: let_through(25, "ada")) for _ in range(16)]
    assert sum(each.result() for each in tries) == 20


def test_everyone_has_a_bucket_of_their_own(limit):
    limit(1, timedelta(hours=1))
    assert [let_through(2, *who) for who in (["ada"], ["uma"], ["ada", "home"], ["adahome"])] == [
        1
    ] * 4


def test_the_wait_is_until_there_is_room_for_one(limit):
    limit(6, timedelta(hours=1))
    let_through(6, "ada")
    assert 595 <= wait_of("ada") <= 600
    later(timedelta(minutes=10))
    assert let_through(3, "ada") == 1


def test_trying_on_makes_the_wait_neither_longer_nor_shorter(limit):
    limit(6, timedelta(hours=1))
    let_through(500, "ada")
    assert 595 <= wait_of("ada") <= 600


def test_after_its_time_the_whole_bucket_is_free_again_and_not_more(limit):
    limit(5, timedelta(minutes=5))
    let_through(5, "ada")
    later(timedelta(days=2))
    assert let_through(50, "ada") == 5


def test_whoever_proved_to_be_the_right_person_begins_anew(limit):
    limit(2, timedelta(hours=1))
    let_through(2, "ada")
    throttle.forget("tests", "ada")
    assert let_through(3, "ada") == 2


@pytest.mark.django_db(transaction=True)
def test_a_try_cannot_be_taken_back_by_a_rollback(limit):
    limit(1, timedelta(hours=1))
    with pytest.raises(RuntimeError), transaction.atomic():
        throttle.hit("tests", "ada")


def test_when_nothing_can_be_counted_nothing_is_let_through(limit, as_owner):
    limit(1, timedelta(hours=1))
    with pytest.raises(DatabaseError), connection.execute_wrapper(_broken):
        throttle.hit("tests", "ada")


def _broken(execute, sql, params, many, context):
    raise DatabaseError("the table is not there")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (40, "40 seconds"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (4000, "67 minutes"),
    ],
)
def test_the_wait_is_said_in_words(seconds, words):
    assert TooMany(timedelta(seconds=seconds)).in_words == words


def test_every_limit_is_used_and_every_use_has_its_limit():
    used = re.findall(
        r'throttle\.hit\(\s*"([a-z-]+)"', "".join(p.read_text() for p in product_modules())
    )
    assert set(used) == set(LIMITS)


# --- what is kept ---------------------------------------------------------------------------------
def test_nothing_of_who_tried_is_kept(limit, as_superuser):
    limit(2, timedelta(hours=1))
    throttle.hit("tests", "198.51.100.0/24", "ada")
    bucket = ThrottleBucket.objects.get()
    assert [field.name for field in ThrottleBucket._meta.fields] == ["key", "empty_at"]
    assert len(bytes(bucket.key)) == 16


def test_the_same_visitor_is_another_one_tomorrow(limit, monkeypatch):
    limit(1, timedelta(hours=1))
    let_through(1, "ada")
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(throttle, "datetime", type("Clock", (), {"now": lambda zone: tomorrow}))
    let_through(1, "ada")
    assert ThrottleBucket.objects.count() == 2


def test_what_has_drained_is_thrown_away(limit):
    limit(1, timedelta(hours=1))
    let_through(1, "ada")
    later(timedelta(hours=2))
    let_through(1, "uma")
    throttle_buckets()
    assert ThrottleBucket.objects.count() == 1


# --- where somebody comes from --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("2001:db8:12:34::1", "2001:db8:12::/48"),
        ("::ffff:198.51.100.77", "198.51.100.0/24"),
        ("", "unknown"),
    ],
)
def test_an_address_is_taken_no_finer_than_its_network(address, network):
    assert http.network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


@pytest.mark.parametrize(
    ("proxies", "network"),
    [
        (0, "127.0.0.0/24"),
        (1, "203.0.113.0/24"),
        (2, "198.51.100.0/24"),
        (3, "unknown"),
        (4, "127.0.0.0/24"),
    ],
)
def test_of_forwarded_addresses_only_those_of_trusted_proxies_count(settings, proxies, network):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": "nobody, 198.51.100.7, 203.0.113.9"}
    )
    assert http.network(request) == network


@pytest.mark.django_db(transaction=True)
def test_a_hasty_try_is_counted_alike_and_hurries_nothing_else(monkeypatch):
    monkeypatch.setitem(LIMITS, "tests", Limit(2, timedelta(minutes=1), hasty=True))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO local")
        assert let_through(5, "uma") == 2
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("local",)
        cursor.execute("RESET synchronous_commit")
