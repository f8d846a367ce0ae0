"""A payment code says that nothing more is to be paid. It does that, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enigm_command.lib import clock
from servers.models.purchase import PAYMENT_CODE, Purchase, digest_of
from tests.browser import Browser
from tests.factories import AccountFactory, PurchaseFactory
from tests.support import actions_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R2", "R30")]


@pytest.fixture(autouse=True)
def selling(settings, rung):
    settings.DEBUG, settings.PAYMENT_PROVIDER = True, "test"


@pytest.fixture
def buyer():
    return AccountFactory(username="oren")


@pytest.fixture
def code(server):
    """The payment code of Oren's server, and what it was bought by."""
    code = PAYMENT_CODE.make()
    PurchaseFactory(
        buyer=server.owner, server=server, name=None, state="fulfilled",
        paid_at=clock.now(), ended_at=clock.now(), payment_code=digest_of(code),
    )  # fmt: skip
    return code


def pay(browser, purchase):
    browser.post(reverse("pay", args=[purchase.pk]))
    return browser.get(reverse("creation", args=[purchase.pk]))


def stop(code):
    return Browser().post(reverse("stop-paying"), {"code": code})


def page(answer):
    token = str(answer.context["csrf_token"]) if answer.context else ""
    return answer.status_code, answer.content.decode().replace(token, "")


# --- the code -------------------------------------------------------------------------------------
def test_it_is_shown_after_paying_with_what_it_is_for(buyer):
    answer = pay(Browser().sign_in(buyer), PurchaseFactory(buyer=buyer))

    code = answer.context["payment_code"]
    assert PAYMENT_CODE.parse(code) == code
    assert code in answer.content.decode()
    assert "stop paying" in answer.content.decode()


def test_it_is_kept_only_as_a_keyed_digest(buyer):
    answer = pay(Browser().sign_in(buyer), PurchaseFactory(buyer=buyer))

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM servers_purchase p")
        rows = cursor.fetchall()
    assert answer.context["payment_code"] not in str(rows)
    assert Purchase.objects.filter(payment_code__isnull=False).count() == 1


def test_it_has_a_hundred_random_bits():
    assert PAYMENT_CODE.length * 5 >= 100
    assert len({PAYMENT_CODE.make() for _ in range(1000)}) == 1000


def test_it_is_shown_until_its_buyer_has_kept_it(buyer):
    browser, purchase = Browser().sign_in(buyer), PurchaseFactory(buyer=buyer)
    code = pay(browser, purchase).context["payment_code"]
    creation = reverse("creation", args=[purchase.pk])
    assert code in browser.get(creation).content.decode()
    browser.post(reverse("payment-code-kept", args=[purchase.pk]))

    assert code not in browser.get(creation).content.decode()
    assert code not in Browser().sign_in(buyer).get(creation).content.decode()


def test_paying_twice_shows_the_code_that_counts(buyer):
    browser, purchase = Browser().sign_in(buyer), PurchaseFactory(buyer=buyer)
    first = pay(browser, purchase).context["payment_code"]
    again = pay(browser, purchase).context["payment_code"]

    assert again == first
    stop(again)
    assert Purchase.objects.get(pk=purchase.pk).stopped_at


def test_of_two_codes_made_at_once_one_counts_and_only_it_is_shown(buyer):
    purchase = PurchaseFactory(buyer=buyer)
    same = Purchase.objects.get(pk=purchase.pk)
    first, second = Purchase.objects.give_code(purchase), Purchase.objects.give_code(same)

    assert second is None
    assert bytes(Purchase.objects.get(pk=purchase.pk).payment_code) == digest_of(first)


def test_a_new_code_makes_the_earlier_one_worthless(buyer):
    browser, purchase = Browser().sign_in(buyer), PurchaseFactory(buyer=buyer)
    old = pay(browser, purchase).context["payment_code"]
    browser.post(reverse("payment-code", args=[purchase.pk]))
    new = browser.get(reverse("creation", args=[purchase.pk])).context["payment_code"]

    assert new not in (old, None)
    stop(old)
    assert Purchase.objects.get(pk=purchase.pk).stopped_at is None


def test_nobody_makes_a_code_for_anothers_purchase(mallory, buyer, settings):
    settings.DEBUG = False
    purchase = PurchaseFactory(buyer=buyer)
    answer = (
        Browser().sign_in(mallory.warrant.account).post(reverse("payment-code", args=[purchase.pk]))
    )
    assert answer.status_code == 404
    assert Purchase.objects.get(pk=purchase.pk).payment_code is None


# --- stopping -------------------------------------------------------------------------------------
def test_the_code_records_the_wish_without_any_sign_in(code, server):
    before = clock.now()
    stop(code.lower().replace("-", " "))

    assert before <= Purchase.objects.get(server=server).stopped_at <= clock.now()
    seen = Browser().sign_in(server.owner).get(reverse("creation", args=[server.purchase.pk]))
    assert "nothing more is to be paid" in seen.content.decode()


def test_the_first_wish_stays(code, server):
    long_ago = clock.now() - timedelta(days=3)
    Purchase.objects.filter(pk=server.purchase.pk).update(stopped_at=long_ago)
    stop(code)

    assert Purchase.objects.get(pk=server.purchase.pk).stopped_at == long_ago


def test_it_touches_nothing_but_the_purchase(code, server):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        stop(code)

    writes = [query["sql"] for query in captured if query["sql"].startswith(("UPDATE", "DELETE"))]
    assert len(writes) == 1
    assert writes[0].startswith('UPDATE "servers_purchase" SET "stopped_at"')
    state = Purchase.objects.get(pk=server.purchase.pk)
    server.refresh_from_db()
    assert (state.state, server.standing, actions_of(server)) == ("fulfilled", "active", [])


def test_the_answer_is_the_same_for_a_code_that_is_nobodys(code):
    right, again, nobodys = stop(code), stop(code), stop(PAYMENT_CODE.make())

    assert page(right) == page(again) == page(nobodys)
    assert right.status_code == 200


def test_a_typing_error_is_told_before_anything_is_looked_up(code, django_assert_num_queries):
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    with django_assert_num_queries(0):
        answer = stop(wrong)
    assert "This payment code has a typing error" in answer.content.decode()


def test_codes_are_not_guessed_without_end():
    tries = [stop(PAYMENT_CODE.make()).status_code for _ in range(12)]

    assert tries[0] == 200
    assert tries[-1] == 429
