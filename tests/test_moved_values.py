"""Pages with values that were moved, or whose key is gone: one lost name, never a broken page."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.apps import apps

from audit.authority import Authority
from enigm_command.lib import vault
from enigm_command.lib.fields import SealedText
from lifecycle.actions import suspend_server
from membership.access import Access
from servers.actions import rename_server
from servers.models import Server
from tests.addresses import address  # noqa: F401 - every page there is
from tests.app import App
from tests.support import excused
from tests.test_access import PAGES, Unread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R29")]

Answers = dict[str, Any]
SESSIONS = "accounts_session"  # one that does not open has ended: see test_sessions.py
SHOWN = {"servers", "server", "settings", "members", "join-requests", "log"}
COLUMNS = [
    ("audit_private", "sealed"),
    *(
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedText) and model._meta.db_table != SESSIONS
    ),
]


@pytest.fixture
def pages(
    server: Server,
    oren: Authority,
    address: Callable[[str], str],  # noqa: F811
    settings: Any,
) -> Callable[..., Answers]:
    """What somebody sees who sees everything of the server, page by page."""
    settings.DEBUG, settings.PAYMENT_PROVIDER = True, "test"  # else nothing is sold
    account = oren.warrant.account
    account.email = "oren@example.org"
    with excused():
        account.save()
    suspend_server(server, reason="A phone was lost.", by=oren)
    browser = Unread().sign_in(account)
    addresses = {page: address(page) for page in PAGES}
    return lambda: {page: browser.get(url) for page, url in addresses.items()}


def move_everything(session: psycopg.Connection[Any]) -> None:
    """As if every value came from another place. The superuser passes all guards."""
    session.execute("SET session_replication_role = replica")
    for table, column in COLUMNS:
        elsewhere = vault.seal(vault.PLATFORM, "some_table.some_column|0", "Wilhelmina")
        session.execute(f"UPDATE {table} SET {column} = %s WHERE {column} IS NOT NULL", [elsewhere])


def test_every_page_opens_and_says_unreadable_where_a_value_was_moved(pages, as_superuser):
    before = pages()
    move_everything(as_superuser)
    after = pages()

    assert statuses(after) == statuses(before)
    assert not [page for page, answer in after.items() if b"Wilhelmina" in answer.content]
    assert {page for page, answer in after.items() if b"unreadable" in answer.content} >= SHOWN


def test_pages_open_though_their_servers_key_is_gone(pages, server):
    before = statuses(pages())
    vault.destroy_key(server.pk)

    assert statuses(pages()) == before


def statuses(answers: Answers) -> dict[str, int]:
    return {page: answer.status_code for page, answer in answers.items()}


def test_the_app_api_takes_a_member_of_a_server_without_a_key_for_a_stranger(
    server: Server, uma: Access
):
    vault.destroy_key(server.pk)

    answer = App("uma").get(f"/api/v1/servers/{server.locator}/objects")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_admitted")


def test_a_server_renamed_over_a_moved_name_is_as_good_as_new(server, oren, as_superuser):
    move_everything(as_superuser)
    rename_server(Server.objects.get(pk=server.pk), "Quay", by=oren)

    assert Server.objects.get(pk=server.pk).name == "Quay"
