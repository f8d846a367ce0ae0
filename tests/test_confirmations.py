"""A yes to exactly one act: not to another, by nobody else, not later, and not twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.test import RequestFactory

from accounts import tasks
from accounts.confirmations import digest_of
from accounts.models import Confirmation, RecoveryDevice
from audit.vocabulary import Action
from content import review
from content.models import DeletionOrder
from content.scope import ANYONE, ANYTHING
from enigm_command.lib import clock
from tests.browser import Browser
from tests.codes import fresh_code, shown_by, wrong_code
from tests.factories import AuthenticatorFactory, ServerFactory
from tests.objects import available, store
from tests.support import actions_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]

ACT = ("deletion.ordered", "server", "everything", "1")
objects = Confirmation.objects


@pytest.fixture
def app():
    """Ada's authenticator app."""
    return AuthenticatorFactory(user__username="ada")


@pytest.fixture
def confirmation(app):
    return objects.offer(app.user, *ACT)


@pytest.fixture
def proved(confirmation):
    assert confirmation.mark_proved()
    return confirmation


def request_of(account):
    request = RequestFactory().post("/")
    request.user, request.session = account, Browser().sign_in(account).session
    return request


def prove(confirmation, account, code):
    return confirmation.prove(request_of(account), code)


# --- what it is good for --------------------------------------------------------------------------
def test_proved_it_is_spent_once(proved, app):
    assert objects.spend(proved.pk, app.user, *ACT)
    assert not objects.spend(proved.pk, app.user, *ACT)


def test_unproved_it_is_not_spent(confirmation, app):
    assert not objects.spend(confirmation.pk, app.user, *ACT)
    assert not objects.allows(confirmation.pk, app.user, *ACT)


@pytest.mark.parametrize(
    "other",
    [
        ("server.deletion_ordered", "server", "everything", "1"),
        ("deletion.ordered", "another server", "everything", "1"),
        ("deletion.ordered", "server", "one kind", "1"),
        ("deletion.ordered", "server", "everything", "2"),
        ("deletion.ordered", "server", "everything1"),
        ("deletion.ordered", "server", "everything", "1", ""),
    ],
)
def test_it_is_not_spent_on_another_act(proved, app, other):
    assert not objects.spend(proved.pk, app.user, *other)
    assert not objects.allows(proved.pk, app.user, *other)
    assert objects.spend(proved.pk, app.user, *ACT)


def test_no_two_acts_have_one_digest():
    acts = [("a", "bc"), ("ab", "c"), ("a", "b", "c"), ("abc",), ("a", '"b", "c"'), ("a,b", "c")]
    assert len({digest_of(*act) for act in acts}) == len(acts)


def test_it_is_nobody_elses(proved):
    mallory = AuthenticatorFactory(user__username="mallory").user
    assert not objects.spend(proved.pk, mallory, *ACT)
    assert not objects.of(mallory).exists()


def test_after_five_minutes_it_is_neither_proved_nor_spent(confirmation, app):
    proved = objects.offer(app.user, *ACT)
    proved.mark_proved()
    objects.update(offered_at=clock.now() - timedelta(minutes=5))
    assert not confirmation.mark_proved()
    assert not prove(objects.get(pk=confirmation.pk), app.user, fresh_code(app.user))
    assert not objects.spend(proved.pk, app.user, *ACT)
    assert not objects.allows(proved.pk, app.user, *ACT)


def test_an_act_with_its_id_may_be_sent_again_and_no_other(proved, app):
    assert objects.allows(proved.pk, app.user, *ACT)
    assert objects.allows(proved.pk, app.user, *ACT)
    assert not objects.allows(proved.pk, app.user, *ACT, "and more")
    objects.update(offered_at=clock.now() - timedelta(minutes=5))
    assert not objects.allows(proved.pk, app.user, *ACT)


def test_it_is_forgotten_after_a_day(confirmation):
    tasks.confirmations()
    assert objects.exists()
    objects.update(offered_at=clock.now() - timedelta(days=1, seconds=1))
    tasks.confirmations()
    assert not objects.exists()


# --- how it is proved -----------------------------------------------------------------------------
def test_a_code_of_the_app_proves_it(confirmation, app):
    assert prove(confirmation, app.user, shown_by(app))
    assert objects.spend(confirmation.pk, app.user, *ACT)


def test_a_wrong_code_does_not(confirmation, app):
    assert not prove(confirmation, app.user, wrong_code(app))
    assert not objects.get().proved_at


def test_a_recovery_code_never_does_and_is_not_used_up(confirmation, app):
    code = RecoveryDevice.objects.renew(app.user)[0]
    assert not prove(confirmation, app.user, code)
    assert RecoveryDevice.objects.get().codes.count() == 10


def test_a_code_of_another_account_does_not(confirmation, app):
    mallory = AuthenticatorFactory(user__username="mallory")
    assert not prove(confirmation, mallory.user, shown_by(mallory))
    assert not prove(confirmation, app.user, shown_by(mallory))


def test_one_code_proves_one_confirmation(confirmation, app):
    other, code = objects.offer(app.user, *ACT), shown_by(app)
    assert prove(confirmation, app.user, code)
    assert not prove(other, app.user, code)


def test_proved_already_it_needs_no_code(proved, app):
    assert prove(proved, app.user, "")
    assert not proved.mark_proved()


# --- at once --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_spend_it_at_once_one_does(proved, app, elsewhere):
    spent = [elsewhere(lambda: objects.spend(proved.pk, app.user, *ACT)) for _ in range(20)]
    assert [each.result(20) for each in spent].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_sent_twice_at_once_is_refused_to_neither(confirmation, app, elsewhere):
    requests, code = [request_of(app.user) for _ in range(8)], shown_by(app)
    told = [elsewhere(lambda r=r: confirmation.prove(r, code)) for r in requests]
    assert all(each.result(20) for each in told)


# --- an order -------------------------------------------------------------------------------------
class Panel(Browser):
    """Ada before what she is asked to confirm."""

    def __init__(self, account):
        super().__init__()
        self.account = account
        self.sign_in(account)

    def confirm(self, page, **typed):
        return self.press(page, "Delete", **{"code": fresh_code(self.account), **typed})


@pytest.fixture
def panel(server, ada):
    return Panel(ada.warrant.account)


def shown(panel, server, **query):
    wanted = {"reaches": "kind", "kind": "message", **query}
    return panel.get(f"/servers/{server.pk}/content/delete/review/", wanted)


def test_the_order_has_the_confirmations_id(server, panel, uma):
    store(uma)
    page = shown(panel, server)
    panel.confirm(page)
    assert DeletionOrder.objects.get().pk == Confirmation.objects.get(spent_at__isnull=False).pk


@pytest.mark.parametrize(
    "change",
    [
        {"count": 5},
        {"cutoff_at": "2026-01-01T00:00:00+00:00"},
        {"scope": [str(uuid4()), "message", str(uuid4()), "", ""]},
        {"scope": [str(ANYONE), "", str(ANYTHING), "", ""]},
    ],
)
def test_a_review_of_something_else_is_not_taken_even_when_signed(server, panel, uma, change):
    """As if somebody had our signing key: what was confirmed is in the database."""
    store(uma)
    page = shown(panel, server)
    said = signing.loads(page.context["review"].sealed(), salt=review.SALT)
    forged = signing.dumps({**said, **change}, salt=review.SALT)
    panel.confirm(page, review=forged)
    assert len(available(uma)) == 1
    assert not DeletionOrder.objects.exists()


def test_a_review_is_not_taken_on_another_server(server, panel, oren, uma, ada):
    store(uma)
    other = ServerFactory(owner=ada.warrant.account)
    page = shown(panel, server)
    address = f"/servers/{other.pk}/content/delete/review/"
    held = {"review": page.context["review"].sealed()}
    answer = panel.post(address, {**held, "code": fresh_code(ada.warrant.account)})
    assert answer.url == f"/servers/{other.pk}/content/delete/"
    assert not DeletionOrder.objects.exists()


def test_what_a_passkey_has_confirmed_is_sent_without_a_code(server, panel, uma):
    store(uma)
    page = shown(panel, server)
    assert list(panel.confirm(page, code="").context["form"].errors) == ["code"]
    page.context["form"].confirmation.mark_proved()
    assert panel.confirm(page, code="").status_code == 303
    assert available(uma) == set()


def test_keep_everything_leads_away_and_confirms_nothing(server, panel, uma):
    store(uma)
    page = shown(panel, server).content.decode()
    link = f'href="/servers/{server.pk}/content/">Keep everything</a>'
    assert link in page
    assert not Confirmation.objects.filter(proved_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_and_two_tabs_are_one_order(server, panel, uma, elsewhere):
    store(uma)
    page = shown(panel, server)
    code = fresh_code(panel.account)
    tabs = [Browser() for _ in range(4)]
    for tab in tabs:
        tab.cookies = panel.cookies.copy()
    told = [elsewhere(lambda t=t: t.press(page, "Delete", code=code)) for t in tabs]
    answers = [each.result(30) for each in told]
    order = DeletionOrder.objects.get(server_id=server.pk)
    leads = {answer.url for answer in answers if answer.status_code == 303}
    assert leads == {f"/servers/{server.pk}/orders/{order.pk}/"}
    assert actions_of(server) == [Action.DELETION_ORDERED]
