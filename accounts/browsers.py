"""From what people sign in, as coarsely as they themselves would say it: "Firefox on Linux".

A browser's own words about itself tell one person from a million others, so they are never kept.
"""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from enigm_command.lib import vault

if TYPE_CHECKING:
    from accounts.models import Account

# what is found in a browser's words, and what people call it; many claim to be others, which follow
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def label_of(user_agent: str) -> str:
    """One of a few dozen labels, whatever the browser says."""
    browser = _first(BROWSERS, user_agent) or "Another browser"
    system = _first(SYSTEMS, user_agent) or "an unknown system"
    return f"{browser} on {system}"


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in names if mark in text), "")


class KnownBrowserQuerySet(models.QuerySet["KnownBrowser"]):
    def learn(self, account: "Account", label: str) -> bool:
        """Remember that the account is used from such a browser. True when that is news: it was
        used before, and never from one of these.
        """
        is_first = not self.filter(account=account).exists()
        mark = vault.index(vault.PLATFORM, f"browser|{account.pk}|{label}")
        _, is_unknown = self.get_or_create(account=account, mark=mark)
        return is_unknown and not is_first


class KnownBrowser(models.Model):
    """That an account was used from such a browser before. Not when, and not how often."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_browsers"
    )
    mark = models.BinaryField(max_length=16)  # keyed: which browser it is cannot be read from it

    objects: ClassVar[KnownBrowserQuerySet] = KnownBrowserQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "mark"], name="browser_known_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)
