"""What can end with a membership, besides access, which always does."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models


class Sent(models.TextChoices):
    """What becomes of what a member has sent."""

    KEEP = "keep"
    WITHHOLD = "withhold"
    DELETE = "delete"


class Asking(models.TextChoices):
    """When they may ask to join again."""

    AT_ONCE = "at_once"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """How one administrator decided both. `until` is when they may ask again, if later.

    Their devices are told in any case, by the feed, which stays open to them.
    """

    sent: Sent = Sent.KEEP
    asking: Asking = Asking.AT_ONCE
    until: datetime | None = None
    reason: str = ""

    @property
    def blocks(self) -> bool:
        """Does anything keep them from asking again at once?"""
        return self.asking != Asking.AT_ONCE


ACCESS_ALONE = Removal()
