"""Questions that are written once: each answer is about the keys of whoever asks, and of now."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Notice
from accounts.notices import Kind
from accounts.sessions import KNOWN, Session, digest_of
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.question import Question, Rows, count, some

UNREAD = Question(
    unread=lambda account: count(Notice.objects.filter(account_id=account)),
    others=lambda account, other: some(Notice.objects.filter(account_id__in=[account, other])),
)
TOLD = Rows(
    lambda account: (
        Notice.objects.filter(account_id=account)
        .select_related("account")
        .annotate(asked_at=ClockNow())
    )
)


@pytest.fixture
def uma(ada):
    told = Account.objects.create(username="uma", canonical="uma")
    Notice.objects.tell([told], Kind.FACTOR_REMOVED, factor="authenticator app")
    return told


@pytest.fixture
def ada(db):
    return Account.objects.create(username="ada", canonical="ada")


def test_values_are_about_the_keys_of_whoever_asks(ada, uma):
    assert UNREAD.ask(account=ada.pk, other=ada.pk) == {"unread": 0, "others": None}
    assert UNREAD.ask(account=ada.pk, other=uma.pk) == {"unread": 0, "others": True}
    assert UNREAD.ask(account=uma.pk, other=ada.pk) == {"unread": 1, "others": True}
    with pytest.raises(KeyError, match="other"):
        UNREAD.ask(account=ada.pk)


def test_rows_are_those_of_their_query_set_and_about_whoever_asks(ada, uma):
    assert TOLD.find(account=ada.pk) == []
    (found,) = TOLD.find(account=uma.pk)
    (asked,) = Notice.objects.filter(account_id=uma.pk)
    assert (found, found.account, found.kind) == (asked, uma, asked.kind)
    with CaptureQueriesContext(connection) as queries:
        (again,) = TOLD.find(account=uma.pk)
        assert again.account.username == "uma"
    assert len(queries) == 1
    assert again is not found
    assert again.asked_at > found.asked_at, "nothing of an answer is kept"


def test_bytes_are_keys_as_well(ada):
    kept = Session.objects.create(digest=digest_of("open"), contents="{}", account=ada)
    assert KNOWN.find(digest=digest_of("open")) == [kept]
    assert KNOWN.find(digest=digest_of("opens nothing")) == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(ada, uma):
    answers = []

    def ask() -> None:
        answers.append((TOLD.find(account=uma.pk), connection.connection))
        connection.close()

    for _ in range(2):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    ask()
    assert len({id(each) for _, each in answers}) == 3
    assert all(len(rows) == 1 for rows, _ in answers)


def test_a_key_that_nobody_has_finds_nothing(db):
    assert TOLD.find(account=uuid4()) == []


@pytest.mark.django_db(transaction=True)
def test_many_may_be_the_first_to_ask(ada, uma):
    told = Rows(lambda account: Notice.objects.filter(account_id=account))
    unread = Question(unread=lambda account: count(Notice.objects.filter(account_id=account)))
    together, answers = Barrier(8), []

    def ask() -> None:
        together.wait()
        answers.append((len(told.find(account=uma.pk)), unread.ask(account=uma.pk)["unread"]))
        connection.close()

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(1, 1)] * 8
