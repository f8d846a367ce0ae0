"""A server's administrators see what operators did with it: all of it, counted, with its reason."""

from datetime import timedelta

import html5lib
import pytest
from django.urls import reverse

from audit.actions import note_view
from audit.authority import OutsideAuthority
from audit.models import AuditEvent
from enigm_command.lib import clock
from lifecycle import actions
from lifecycle.models import Grounds, Reason
from lifecycle.models.hold import Wish
from servers.actions import rename_server
from servers.models import Server
from tests.browser import Browser
from tests.factories import OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26", "R28")]
HARM = Grounds(Reason.HARM, "case 118")


@pytest.fixture
def opal():
    return OperatorFactory(account__username="opal").authority


@pytest.fixture
def page(server, ada):
    """What Ada is shown at this moment."""
    browser = Browser().sign_in(ada.warrant.account)
    return lambda: browser.get(reverse("operator-actions", args=[server.pk]))


def words(answer):
    """The page as it is read, without its tags."""
    html = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    return " ".join("".join(html.itertext()).split())


def wish(**more):
    until = clock.now() + timedelta(days=9)
    return Wish(category="legal", reason="A claim.", reference="case 7", until=until, **more)


def test_where_no_operator_ever_acted_the_page_says_zero(page, server, ada):
    rename_server(server, "Quay", by=ada)

    assert "Operator actions in the last 90 days: 0" in words(page())
    assert "No operator acted on this server" in words(page())


def test_an_act_is_counted_with_who_when_why_and_its_entry(page, server, opal):
    actions.restrict_server(server, HARM, by=opal)

    shown = words(page())
    assert "Operator actions in the last 90 days: 1" in shown
    for said in ("Restricted the server (harm)", "Harm to people", "case 118", "opal"):
        assert said in shown
    assert reverse("log-entry", args=[server.pk, 0]) in page().content.decode()


def test_it_is_there_while_the_server_is_suspended_by_them(page, server, opal):
    actions.suspend_server(server, grounds=HARM, by=opal)

    assert "Suspended the server (harm)" in words(page())


def test_views_are_counted_apart(page, server, opal):
    note_view("server", server, by=opal)
    note_view("invoice", server, by=opal)

    answer = page()
    assert answer.context["count"] == 0
    assert answer.context["acts"] == []
    assert "looked at pages about this server 2 times" in words(answer)


def test_what_was_refused_is_listed_and_not_counted(page, server, opal):
    with pytest.raises(OutsideAuthority):
        rename_server(server, "Quay", by=opal)

    answer = page()
    assert answer.context["count"] == 0
    assert "Was refused: renamed the server" in words(answer)


def test_what_the_administrators_do_is_not_theirs(page, server, ada, opal):
    rename_server(server, "Quay", by=ada)
    actions.suspend_server(server, by=ada)

    assert page().context["count"] == 0


def test_a_proposal_is_shown_until_it_is_answered(page, server, opal):
    proposal = actions.propose_server_deletion(server, HARM, by=opal)
    shown = words(page())
    for said in ("Proposed, and not agreed", "To delete this server", "Harm to people", "case 118"):
        assert said in shown

    otto = OperatorFactory(account__username="otto").authority
    actions.order_agreed_server_deletion(server, proposal.pk, HARM, by=otto)
    answer = page()
    assert "Proposed, and not agreed" not in words(answer)
    assert answer.context["count"] == 2


def test_a_confidential_hold_enters_only_when_it_is_lifted(page, server, opal):
    actions.place_hold(server, wish(), by=opal)
    hidden = actions.place_hold(server, wish(confidential=True), by=opal)
    note_view("hold", server, disclosed=False, by=opal)
    answer = page()
    assert (answer.context["count"], answer.context["views"]) == (1, 0)
    assert "Operators can place a hold that is confidential." in words(answer)

    actions.lift_hold(hidden, by=opal)
    assert page().context["count"] == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_older_than_ninety_days_is_in_the_log_alone(page, server, opal, as_superuser):
    actions.restrict_server(server, HARM, by=opal)
    as_superuser.execute("SET session_replication_role = replica")
    as_superuser.execute(
        "UPDATE audit_event SET filed_at = filed_at - interval '90 days' WHERE stream_id = %s",
        [server.pk],
    )

    assert page().context["count"] == 0
    assert AuditEvent.objects.of(server.pk).count() == 1


def test_of_many_the_newest_fifty_are_listed_and_all_are_counted(page, server, opal):
    for _ in range(26):
        actions.restrict_server(server, HARM, by=opal)
        actions.lift_restriction(server, by=opal)

    answer = page()
    assert answer.context["count"] == 52
    assert len(answer.context["acts"]) == 50
    assert "These are the newest 50." in words(answer)


def test_another_servers_operators_actions_never_show(page, mallory, opal):
    actions.restrict_server(Server.objects.get(pk=mallory.server_id), HARM, by=opal)

    assert page().context["count"] == 0


def test_the_page_takes_few_queries_however_much_it_shows(
    page, server, opal, django_assert_max_num_queries
):
    for _ in range(5):
        actions.restrict_server(server, HARM, by=opal)
        actions.lift_restriction(server, by=opal)
    with django_assert_max_num_queries(10):
        page()


@pytest.mark.parametrize("route", ["log", "settings", "server"])
def test_it_is_found_from_the_pages_where_one_would_look(route, server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    there = browser.get(reverse(route, args=[server.pk])).content.decode()

    assert reverse("operator-actions", args=[server.pk]) in there
