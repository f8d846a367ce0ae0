"""An administrator who does not own the server: does nearly all, and is told what is not theirs."""

import pytest
from playwright.sync_api import expect

from servers.models import Standing
from tests.chromium import BOTH_WAYS
from tests.objects import store
from tests.stories.people import signed_in
from tests.stories.phones import Phone

pytestmark = [BOTH_WAYS, pytest.mark.requirement("R9", "R10", "R11", "R21")]


def test_an_administrator_runs_the_server_and_cannot_end_sell_or_pay_for_it(
    page, server, ada, uma, refusals
):
    store(uma)
    boss = signed_in(page, ada.warrant.account)
    boss.is_at("Your servers")
    boss.follows("Atelier North")
    boss.sees("Nobody here can see")
    deletes_one_persons_messages_or_keeps_them(boss)
    suspends_and_resumes(boss, server, Phone(server, "uma", "Uma"))
    cannot_do_what_is_the_owners(boss, server, refusals)
    finds_every_act_in_the_log(boss)


def deletes_one_persons_messages_or_keeps_them(boss):
    boss.follows("Users")
    boss.follows("Uma")
    boss.follows("Delete")
    boss.presses("Show what would go")
    boss.sees("Nothing has been deleted yet.")
    boss.follows("Keep everything")
    boss.is_at("Encrypted content")
    boss.follows("Deletions")
    boss.sees("deleted")


def suspends_and_resumes(boss, server, phone):
    boss.follows("Server settings")
    boss.follows("Suspend")
    boss.fills("Reason", "A phone was lost")
    boss.presses("Suspend this server")
    boss.sees("This server is suspended")
    server.refresh_from_db()
    assert server.standing == Standing.SUSPENDED
    assert phone.finds() is None
    boss.presses("Resume this server")
    boss.sees("Server settings")
    expect(boss.page.get_by_text("This server is suspended")).to_have_count(0)
    assert phone.finds() == 1


def cannot_do_what_is_the_owners(boss, server, refusals):
    refusals.append(403)
    boss.goes_to("server-deletion", server.pk)
    boss.sees("Only the owner of a server can order it deleted.")
    boss.goes_to("ownership", server.pk)
    boss.sees("oren owns this server and alone can hand it over.")
    boss.goes_to("owner-invitation", server.pk)
    boss.is_at("You may not do this here")
    boss.follows("Your servers")
    boss.goes_to("billing")
    boss.sees("You pay for no server")


def finds_every_act_in_the_log(boss):
    boss.follows("Your servers")
    boss.follows("Atelier North")
    boss.follows("Audit log")
    boss.sees("suspended the server")
    boss.sees("resumed the server")
    boss.fills("Who", "oren")
    boss.presses("Filter")
    boss.sees("No entry fits")
