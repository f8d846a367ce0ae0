"""Notices: what happened to an account, told to whom it belongs. Shown in the panel, and mailed.

The row is written in the transaction of what it tells of. Its sentences stand in this file and
name no person, no server and nothing anybody typed: the same words go out by mail.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from accounts.mail import Letter, Mail
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import UNREADABLE, SealedText
from enigm_command.lib.vault import PLATFORM

if TYPE_CHECKING:
    from accounts.models import Account

KEPT = timedelta(days=90)


class Kind(models.TextChoices):
    """What can be told, and the heading it is told under."""

    EMAIL_CHANGED = "email_changed", "Your e-mail address was changed"
    EMAIL_REMOVED = "email_removed", "Your e-mail address was removed"
    FACTOR_ADDED = "factor_added", "A second factor was added"
    FACTOR_REMOVED = "factor_removed", "A second factor was removed"
    NEW_SIGN_IN = "new_sign_in", "Sign-in from a new browser"
    PASSWORD_CHANGED = "password_changed", "Your password was changed"
    RECOVERY_BEGUN = "recovery_begun", "Somebody vouched for a lost account"
    RECOVERY_CALLED_OFF = "recovery_called_off", "A recovery was called off"
    RECOVERY_CODE_USED = "recovery_code_used", "A recovery code was used"
    RECOVERY_CODES_MADE = "recovery_codes_made", "New recovery codes were made"
    RECOVERY_DONE = "recovery_done", "An account was recovered"
    SIGN_IN_FAILED_OFTEN = "sign_in_failed_often", "Many failed sign-ins"


NOT_YOU = "If this was not you, sign out everywhere and change your password now."

# What each one says. Names in braces are its facts.
LINES: dict[Kind, str] = {
    Kind.EMAIL_CHANGED: f"Notices go to the new address from now on. {NOT_YOU}",
    Kind.EMAIL_REMOVED: f"Notices are shown in the panel alone from now on. {NOT_YOU}",
    Kind.FACTOR_ADDED: (
        f"From now on it signs you in and confirms what you do: {{factor}}. {NOT_YOU}"
    ),
    Kind.FACTOR_REMOVED: f"It no longer signs anybody in: {{factor}}. {NOT_YOU}",
    Kind.NEW_SIGN_IN: f"Your account was opened from {{browser}} ({{factor}}). {NOT_YOU}",
    Kind.PASSWORD_CHANGED: f"You are signed out everywhere else. {NOT_YOU}",
    Kind.RECOVERY_BEGUN: (
        "An administrator says that somebody who administers a server with them, or you, lost every"
        " way to sign in. The account gets a new password and a new second factor, on {due_at} at"
        " the earliest. If you doubt it, call it off."
    ),
    Kind.RECOVERY_CALLED_OFF: "Nothing about the account was changed.",
    Kind.RECOVERY_CODE_USED: f"It works no more. Codes left: {{left}}. {NOT_YOU}",
    Kind.RECOVERY_CODES_MADE: f"The earlier ones work no more. {NOT_YOU}",
    Kind.RECOVERY_DONE: (
        "It has a new password and a new second factor. Every earlier one works no more."
    ),
    Kind.SIGN_IN_FAILED_OFTEN: (
        "Somebody keeps trying to sign in to your account. They did not get in. You still do, with"
        " a passkey or a recovery code at any time."
    ),
}
# Where something can be done about it, if not on the page of all the others.
SERVER_PAGES: dict[Kind, str] = {
    Kind.RECOVERY_BEGUN: "vouching",
    Kind.RECOVERY_CALLED_OFF: "vouching",
    Kind.RECOVERY_DONE: "vouching",
}
PAGES: dict[Kind, str] = {Kind.EMAIL_CHANGED: "account", Kind.EMAIL_REMOVED: "account"}
OTHERS = "security"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, account: "Account") -> "NoticeQuerySet":
        """What this account was told, the newest first."""
        return self.filter(account=account).order_by("-at")

    def unread(self) -> "NoticeQuerySet":
        """Those that their account has not marked as read."""
        return self.filter(read_at=None)

    def mark_read(self) -> int:
        """Their account has seen them."""
        return self.unread().update(read_at=ClockNow())

    def forgettable(self) -> "NoticeQuerySet":
        """Those that were there for long enough, read or not."""
        return self.filter(at__lt=ClockNow() - KEPT)

    @transaction.atomic
    def tell(
        self,
        accounts: Iterable["Account"],
        kind: Kind,
        *,
        server_id: UUID | None = None,
        **facts: str | int,
    ) -> None:
        """Tell each of these accounts, in the transaction of what is told. By mail too, if they
        have an address. `facts` fill the sentence's braces: codes, dates and numbers, no names.
        """
        for account in accounts:
            notice = self.create(
                account=account, kind=kind, server_id=server_id, facts=json.dumps(facts)
            )
            if account.email and account.email != UNREADABLE:
                Mail.objects.post(account.email, notice.letter)


class Notice(models.Model):
    """Something that an account is told."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=30)  # a Kind
    server_id = models.UUIDField(null=True)
    facts = SealedText(scope=PLATFORM)
    at = models.DateTimeField(db_default=ClockNow())
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (models.Index(fields=["account", "-at"], name="notice_newest_first"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def heading(self) -> str:
        """What happened."""
        return Kind(self.kind).label

    @property
    def line(self) -> str:
        """What it means, and what to do if it was somebody else."""
        facts: dict[str, Any] = {} if self.facts == UNREADABLE else json.loads(self.facts)
        return LINES[Kind(self.kind)].format_map(_Facts(facts))

    @property
    def path(self) -> str:
        """The page where something can be done about it."""
        kind = Kind(self.kind)
        if self.server_id and kind in SERVER_PAGES:
            return reverse(SERVER_PAGES[kind], args=[self.server_id])
        return reverse(PAGES.get(kind, OTHERS))

    @property
    def letter(self) -> Letter:
        """The same as a mail."""
        return Letter(self.heading, self.line, "Open the panel", reverse("notices"))


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
