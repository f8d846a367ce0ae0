"""What is said of a browser is as coarse as people themselves would say it."""

import pytest

from accounts.browsers import BROWSERS, SYSTEMS, label_of
from accounts.models import KnownBrowser
from tests.factories import AccountFactory

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
WORDS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox on Linux",
    f"Mozilla/5.0 (Windows NT 10.0) {CHROME}": "Chrome on Windows",
    f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Edg/142.0": "Edge on Windows",
    f"Mozilla/5.0 (Linux; Android 10; K) {CHROME}": "Chrome on Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15": "Safari on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1": "Safari on iPhone",
    "curl/8.5.0": "Another browser on an unknown system",
    "": "Another browser on an unknown system",
    "Lena Hoff's own <b>browser</b>": "Another browser on an unknown system",
}


@pytest.mark.parametrize(("words", "label"), WORDS.items())
def test_a_browsers_words_become_one_of_a_few_labels(words, label):
    assert label_of(words) == label


def test_there_are_a_few_dozen_labels_and_no_more():
    browsers, systems = ({name for _, name in names} for names in (BROWSERS, SYSTEMS))
    assert (len(browsers) + 1) * (len(systems) + 1) < 100


@pytest.mark.django_db
def test_only_a_browser_beside_the_first_is_news_and_only_once():
    account = AccountFactory()
    said = [KnownBrowser.objects.learn(account, label) for label in ("a", "a", "b", "b", "a")]
    assert said == [False, False, True, False, False]
    assert not KnownBrowser.objects.learn(AccountFactory(), "b")
