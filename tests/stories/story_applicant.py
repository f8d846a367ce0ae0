"""People with the app and an administrator with a browser: who gets in, what is kept, what goes."""

import json

import pytest
from playwright.sync_api import expect

from content.models import Receipt
from membership.models import JoinRequest
from tests.chromium import BOTH_WAYS
from tests.processes import PATIENCE
from tests.stories.people import signed_in
from tests.stories.phones import Phone

pytestmark = [BOTH_WAYS, pytest.mark.requirement("R9", "R13", "R14", "R16", "R17", "R20")]


@pytest.fixture
def phones(server):
    """Four people who know the Server ID."""
    names = ("Lena Hoff", "Ines Duarte", "Marek Solt", "Tomas Rehak")
    return [Phone(server, name.split()[0].lower(), name) for name in names]


def test_who_asks_is_let_in_or_not_and_what_they_sent_is_withheld_and_deleted(
    worker, page, server, ada, phones
):
    lena, ines, marek, tomas = phones
    boss = signed_in(page, ada.warrant.account)
    people_ask(boss, phones)
    people_are_answered(boss, lena, ines, marek, tomas)
    lena.sends(3)
    lena.sends(1, "media")
    ines.sends(2)
    media_is_withheld_and_released(boss, lena)
    everything_is_deleted(boss, server, lena)
    the_receipt_is_kept(boss, server)
    somebody_is_removed_and_blocked(boss, ines)


def people_ask(boss, phones):
    boss.follows("Atelier North")
    for phone in phones:
        phone.asks_to_join()
    boss.page.reload()
    boss.sees("4 people are waiting to join")
    boss.follows("Review requests")
    boss.sees("Lena Hoff from the drawing office")


def people_are_answered(boss, lena, ines, marek, tomas):
    boss.presses("Approve Lena Hoff")
    boss.sees("Lena Hoff is now a user of this server.")
    boss.presses("Reject Marek Solt")
    boss.sees("Marek Solt")
    for name in ("Ines Duarte", "Tomas Rehak"):
        boss.ticks(f"Select {name}")
    boss.presses("Approve selected")
    boss.sees("Nobody is waiting")
    assert [lena.status(), ines.status(), marek.status()] == ["approved", "approved", "ended"]
    boss.follows("Decided")
    boss.sees("Rejected")


def media_is_withheld_and_released(boss, lena):
    boss.follows("Encrypted content")
    boss.follows("Withhold content")
    boss.ticks("One kind")
    boss.presses("Show what would be withheld")
    boss.is_told_of_a_problem("Choose a kind.")
    boss.chooses("Kind", "Media")
    boss.presses("Show what would be withheld")
    boss.fills("Reason", "The plan of the vault")
    boss.presses("Withhold 1 object")
    boss.sees("Nobody can open it now.")
    boss.sees("The plan of the vault")
    assert lena.finds() == 5
    boss.presses("Release")
    boss.sees("is released")
    assert lena.finds() == 6
    assert [each["what"] for each in lena.hears()] == ["withholding", "release"]


def everything_is_deleted(boss, server, lena):
    boss.follows("Delete content")
    boss.ticks("Everything")
    boss.presses("Show what would go")
    boss.sees("Nothing has been deleted yet.")
    boss.fills("Type the server name", "Atelier South")
    boss.fills("Reason", "We move to another office")
    boss.enters_a_code()
    boss.presses("Delete 6 objects")
    boss.is_told_of_a_problem("This is not the name of this server.")
    boss.has_typed("Reason", "We move to another office")
    boss.fills("Type the server name", server.name)
    boss.presses("Delete 6 objects")
    boss.is_told_of_a_problem("Enter the 6 digits")
    boss.has_typed("Type the server name", server.name)
    assert lena.finds() == 6
    boss.enters_a_code()
    boss.presses("Delete 6 objects")
    boss.is_at("Deleted: 6 objects", patience=PATIENCE)
    assert lena.finds() == 0
    assert lena.hears()[-1]["what"] == "deletion"


def the_receipt_is_kept(boss, server):
    boss.page.reload()
    boss.sees("Done by 1 of 1 device.")
    with boss.page.expect_download() as coming:
        boss.follows("Download receipt")
    kept = Receipt.objects.get(server_id=server.pk)
    assert json.loads(coming.value.path().read_bytes()) == json.loads(kept.document)
    boss.page.emulate_media(media="print")
    expect(boss.page.get_by_label("Server", exact=True)).to_be_hidden()
    expect(boss.page.get_by_text("Download receipt")).to_be_hidden()
    boss.is_at("Deleted: 6 objects")
    boss.page.emulate_media(media="screen")


def somebody_is_removed_and_blocked(boss, ines):
    boss.follows("Users")
    boss.follows("Remove Ines Duarte")
    boss.is_at("Remove Ines Duarte")
    boss.ticks("Never")
    boss.enters_a_code()
    boss.presses("Remove Ines Duarte")
    boss.is_told_of_a_problem("Choose what becomes of what they have sent.")
    boss.ticks("Keep it until it expires")
    boss.enters_a_code()
    boss.presses("Remove Ines Duarte")
    boss.sees("Removed: Ines Duarte.")
    assert ines.finds() is None
    boss.follows("Blocks")
    boss.sees("It is lifted")
    ines.asks_to_join()
    assert not JoinRequest.objects.of(ines.server).waiting().exists()
