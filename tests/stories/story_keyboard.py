"""A day without a mouse: everything is reached by Tab, and the focus is always in sight."""

import pytest
from playwright.sync_api import expect

from content.models import DeletionOrder
from membership.models import Membership
from tests.factories import JoinRequestFactory
from tests.objects import store
from tests.stories.people import known
from tests.support import actions_of

pytestmark = [pytest.mark.requirement("R9", "R17")]

FURTHEST = 80  # steps from the top of a page to anything on it
NAMES = """() => {
  const it = document.activeElement;
  const words = it.getAttribute("aria-label") || it.labels?.[0]?.textContent || it.textContent;
  return words.split(/\\s+/).join(" ").trim();
}"""
IN_SIGHT = """() => {
  const it = document.activeElement;
  const box = (it.type === "radio" ? it.closest("label") : it).getBoundingClientRect();
  const ring = getComputedStyle(it.type === "radio" ? it.closest("label") : it);
  const x = box.left + Math.min(box.width / 2, 20), y = box.top + box.height / 2;
  const top = document.elementFromPoint(x, y);
  return {
    has_a_box: box.width > 0 && box.height > 0,
    is_in_the_window: box.top >= 0 && box.bottom <= innerHeight && box.left >= 0,
    is_not_covered: !!top && (it.contains(top) || top.contains(it) || !!top.closest("label")),
    has_a_ring: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2,
  };
}"""


class Hands:
    """Somebody with a keyboard and nothing else."""

    def __init__(self, person):
        self.person, self.keys, self.page = person, person.page.keyboard, person.page

    def goes_to(self, words):
        """Press Tab until the thing with these words has the focus; look at each one passed."""
        passed = []
        for _ in range(FURTHEST):
            self.keys.press("Tab")
            self.sees_the_focus()
            passed.append(self.page.evaluate(NAMES))
            if passed[-1].startswith(words):
                return
        raise AssertionError(f"no {words!r} in {passed}")

    def sees_the_focus(self):
        if self.page.evaluate("document.activeElement === document.body"):
            return  # between the end of the page and its beginning
        seen = self.page.evaluate(IN_SIGHT)
        assert all(seen.values()), (self.page.url, self.page.evaluate(NAMES), seen)

    def types(self, label, words):
        self.goes_to(label)
        self.keys.type(words)

    def presses(self, words):
        """A button or a link, by Enter; the page that it leads to is there afterwards."""
        self.goes_to(words)
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def picks(self, first, words):
        """Of a group of cards, which are one stop of Tab: by the arrows."""
        self.goes_to(first)
        while not self.page.evaluate(NAMES).startswith(words):
            self.keys.press("ArrowDown")
            self.sees_the_focus()
        self.keys.press("Space")


@pytest.fixture
def hands(page, server):
    person = known(page, server.owner)
    person.goes_to("sign-in")
    return Hands(person)


def test_an_administrator_without_a_mouse_lets_people_in_and_deletes_content(hands, server, uma):
    store(uma)
    JoinRequestFactory(server=server, display_name="Lena Hoff")
    signs_in(hands)
    lets_somebody_in(hands)
    deletes_everything(hands, server)
    comes_past_the_navigation(hands)


def signs_in(hands):
    hands.types("Username", "oren")
    hands.types("Password", "four unrelated words walk in")
    hands.presses("Continue")
    hands.types("Code", hands.person.code())
    hands.presses("Sign in")
    hands.person.is_at("Your servers")


def lets_somebody_in(hands):
    hands.presses("Atelier North")
    hands.presses("Review requests")
    hands.presses("Approve Lena Hoff")
    hands.person.sees("Lena Hoff is now a user of this server.")
    assert Membership.objects.filter(server__owner__canonical="oren").count() == 2


def deletes_everything(hands, server):
    hands.presses("Encrypted content")
    hands.presses("Delete content")
    hands.picks("One object", "Everything")
    hands.presses("Show what would go")
    hands.types("Type the server name", "Atelier South")
    hands.types("Code", hands.person.code())
    hands.presses("Delete 1 object")
    hands.person.is_told_of_a_problem("This is not the name of this server.")
    expect(hands.page.get_by_role("alert")).to_be_focused()
    hands.goes_to("Type the server name")
    hands.keys.press("Control+a")
    hands.keys.type(server.name)
    hands.types("Code", hands.person.code())
    hands.presses("Delete 1 object")
    hands.person.sees("Erasing from storage")
    assert DeletionOrder.objects.of(server.pk).exists()
    assert actions_of(server)[-1] == "deletion.ordered"


def comes_past_the_navigation(hands):
    hands.page.reload()
    hands.keys.press("Tab")
    expect(hands.page.get_by_role("link", name="Skip to main content")).to_be_focused()
    hands.keys.press("Enter")
    expect(hands.page.get_by_role("main")).to_be_focused()
