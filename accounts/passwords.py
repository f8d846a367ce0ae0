"""What a password may not lean on."""

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from accounts import usernames

if TYPE_CHECKING:
    from accounts.models import Account

LEAST, MOST = 12, 128
WORDS = ("enigm", "command", "password", "messag", "server")  # what anybody would try first here


class ContextWords:
    """The product's words and the person's own name do not count towards a password's length."""

    def validate(self, password: str, user: "Account | None" = None) -> None:
        """Refuse what is too short without them."""
        own = usernames.canonical(user.username) if user and user.username else ""
        known = "|".join(re.escape(word) for word in (*WORDS, own) if word)
        if len(re.sub(known, "", usernames.canonical(password))) < LEAST:
            raise ValidationError(self.get_help_text(), code="context")

    def get_help_text(self) -> str:
        """What to do about it."""
        return (
            f"Make it longer: your username and words like password or server do not count towards"
            f" its {LEAST} characters."
        )
