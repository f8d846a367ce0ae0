"""The blind join desk: whoever asks learns nothing but that they asked."""

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from enigm_command.lib import locator
from enigm_command.tasks import retention
from membership import compare
from membership.models import JoinRequest, Membership
from membership.tasks import join_requests as sweep
from tests.app import App
from tests.closed_servers import CLOSED
from tests.factories import JoinRequestFactory, PolicyVersionFactory, ServerFactory
from tests.support import excuse_this_transaction

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers)


def shape(queries: CaptureQueriesContext) -> list[str]:
    """What was asked and written, without the values, and without what was then taken back."""
    statements = [re.sub(r"'[^']*'(::\w+)?|\d+", "?", query["sql"]) for query in queries]
    return [sql for sql in statements if not sql.startswith("ROLLBACK TO")]


@pytest.mark.requirement("R11", "R12")
def test_a_request_reaches_the_queue_as_it_was_typed():
    server = ServerFactory()
    app = App("uma", fingerprint="key of uma")
    answer = app.ask(server.locator, display_name="Uma Oliveira", note="From the print desk")
    assert (answer.status_code, answer.json()) == (202, {})
    waiting = JoinRequest.objects.of(server).waiting().get()
    assert (waiting.display_name, waiting.note) == ("Uma Oliveira", "From the print desk")
    assert waiting.compare_code == compare.code("key of uma", server.locator)


def test_name_and_note_may_be_left_out():
    server = ServerFactory()
    App("uma").ask(server.locator)
    assert JoinRequest.objects.of(server).get().shown_name == "(no name)"


def test_a_server_id_may_be_typed_as_people_type():
    server = ServerFactory()
    App("uma").ask(server.locator.lower().replace("-", " "))
    assert JoinRequest.objects.of(server).waiting().exists()


@pytest.mark.requirement("R11", "R15")
@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_the_answer_is_the_same_whatever_becomes_of_the_request(closed):
    server, open_server = closed(), ServerFactory()
    before = JoinRequest.objects.count()
    answers = [told(App("uma").ask(each.locator)) for each in (server, open_server)]
    assert answers[0] == answers[1]
    assert JoinRequest.objects.count() == before + 1


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_the_same_work_is_done_whatever_becomes_of_the_request(closed):
    server, open_server, uma = closed(), ServerFactory(), App("uma")
    asked = []
    for each in (server, open_server, server, open_server):
        uma.secret = secrets.token_urlsafe(32)
        with CaptureQueriesContext(connection) as queries:
            uma.ask(each.locator)
        asked.append(shape(queries))
    assert asked[2] == asked[3]


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_whoever_was_dropped_waits_like_anyone_else(closed):
    uma = App("uma")
    uma.ask(closed().locator)
    assert uma.status() == "waiting"


def test_a_second_request_overwrites_nothing():
    server = ServerFactory()
    first, second = App("uma"), App("uma")
    first.ask(server.locator, display_name="Uma")
    assert second.ask(server.locator, display_name="Somebody else").status_code == 202
    assert JoinRequest.objects.of(server).get().display_name == "Uma"


def test_a_secret_that_is_taken_changes_nothing_of_the_other_request():
    one, other = ServerFactory(), ServerFactory()
    uma, vera = App("uma"), App("vera")
    vera.secret = uma.secret
    uma.ask(one.locator)
    assert vera.ask(other.locator).status_code == 202
    assert JoinRequest.objects.get().server == one


def test_a_typing_error_is_told_before_anything_is_looked_up():
    mistyped = locator.make()
    mistyped = mistyped[:-1] + ("0" if mistyped[-1] != "0" else "1")
    with CaptureQueriesContext(connection) as queries:
        answer = App("uma").ask(mistyped)
    assert (answer.status_code, answer.json()["code"]) == (422, "mistyped_server_id")
    assert not queries.captured_queries


def test_the_queue_never_grows_beyond_the_cap():
    server = PolicyVersionFactory(queue_cap=2).server
    for subject in ("uma", "vera", "wim"):
        App(subject).ask(server.locator)
    assert JoinRequest.objects.of(server).waiting().count() == 2


def ages(join_request: JoinRequest, **age: float) -> None:
    JoinRequest.objects.filter(pk=join_request.pk).update(asked_at=Now() - timedelta(**age))


def decided(join_request: JoinRequest, decision: str, **ago: float) -> None:
    excuse_this_transaction()
    JoinRequest.objects.filter(pk=join_request.pk).update(
        decision=decision, decided_at=Now() - timedelta(**ago), note=None, compare_code=None
    )


@pytest.mark.parametrize(
    ("decision", "status"), [("approved", "approved"), ("rejected", "ended"), ("", "waiting")]
)
def test_whoever_asked_sees_the_answer_and_no_more(decision, status):
    server, uma = ServerFactory(), App("uma")
    uma.ask(server.locator)
    if decision:
        decided(JoinRequest.objects.get(), decision)
    assert uma.get(f"/api/v1/join-requests/{uma.secret}").json() == {"status": status}


def test_after_fourteen_days_a_request_has_ended():
    server, uma = ServerFactory(), App("uma")
    uma.ask(server.locator)
    ages(JoinRequest.objects.get(), days=14)
    assert uma.status() == "ended"
    assert not JoinRequest.objects.of(server).waiting().exists()


def test_whoever_waited_in_vain_may_ask_again_before_any_sweep():
    server = ServerFactory()
    App("uma").ask(server.locator, note="first")
    ages(JoinRequest.objects.get(), days=15)
    App("uma").ask(server.locator, note="second")
    assert JoinRequest.objects.of(server).get().note == "second"


@pytest.mark.requirement("R15")
def test_a_secret_in_other_hands_tells_nothing_and_withdraws_nothing():
    uma, mallory = App("uma"), App("mallory")
    uma.ask(ServerFactory().locator)
    decided(JoinRequest.objects.get(), "approved")
    mallory.secret = uma.secret
    assert mallory.status() == "waiting"
    assert mallory.delete(f"/api/v1/join-requests/{uma.secret}").status_code == 204
    assert uma.status() == "approved"


def test_withdrawing_leaves_nothing_behind():
    server, uma = ServerFactory(), App("uma")
    uma.ask(server.locator)
    answer = uma.delete(f"/api/v1/join-requests/{uma.secret}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not JoinRequest.objects.exists()


def test_withdrawing_nothing_gets_the_same_answer():
    uma = App("uma")
    assert uma.delete(f"/api/v1/join-requests/{uma.secret}").status_code == 204


def test_an_answer_cannot_be_withdrawn():
    uma = App("uma")
    uma.ask(ServerFactory().locator)
    decided(JoinRequest.objects.get(), "approved")
    uma.delete(f"/api/v1/join-requests/{uma.secret}")
    assert uma.status() == "approved"


@pytest.mark.requirement("R27")
def test_the_sweeps_forget_what_serves_nobody_any_more():
    ages(JoinRequestFactory(), days=14, seconds=1)
    decided(JoinRequestFactory(), "rejected", days=30, seconds=1)
    kept = [JoinRequestFactory(), JoinRequestFactory(), JoinRequestFactory()]
    ages(kept[0], days=13.9)
    decided(kept[1], "approved", days=29.9)
    sweep()
    retention()
    assert set(JoinRequest.objects.all()) == set(kept)


@pytest.mark.requirement("R11", "R13")
def test_asking_admits_nobody():
    server, uma = ServerFactory(), App("uma")
    uma.ask(server.locator)
    assert not Membership.objects.exists()


@pytest.mark.requirement("R29")
def test_the_table_tells_nothing_of_who_asked():
    App("uma-oliveira").ask(ServerFactory().locator, display_name="Uma Oliveira", note="on Monday")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(j)::text FROM membership_joinrequest j")
        stored = cursor.fetchone()[0].lower()
    for known in ("oliveira", "monday", "phone"):
        assert known not in stored
        assert known.encode().hex() not in stored  # as a bytea is written
