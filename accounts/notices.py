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

    ADMINISTRATION_ENDED = "administration_ended", "You no longer administer a server"
    ADMINISTRATOR_ADDED = "administrator_added", "A server has a new administrator"
    ADMINISTRATOR_INVITED = "administrator_invited", "Somebody was invited to administer a server"
    ADMINISTRATOR_REMOVED = "administrator_removed", "An administrator was removed"
    DELETION_COMPLETED = "deletion_completed", "A deletion is finished"
    DELETION_ORDERED = "deletion_ordered", "Content was ordered deleted"
    EMAIL_CHANGED = "email_changed", "Your e-mail address was changed"
    EMAIL_REMOVED = "email_removed", "Your e-mail address was removed"
    EMPTYING_PROPOSED = "emptying_proposed", "Somebody asks to delete all content"
    ERASING_STOPPED = "erasing_stopped", "Erasing was paused or ended early"
    FACTOR_ADDED = "factor_added", "A second factor was added"
    FACTOR_REMOVED = "factor_removed", "A second factor was removed"
    JOIN_REQUESTS_WAITING = "join_requests_waiting", "New requests to join"
    LIFETIME_SHORTENED = "lifetime_shortened", "Content lives shorter on a server"
    NEW_SIGN_IN = "new_sign_in", "Sign-in from a new browser"
    OWNERSHIP_OFFERED = "ownership_offered", "The ownership of a server was offered"
    PASSWORD_CHANGED = "password_changed", "Your password was changed"
    PAYMENT_FAILED = "payment_failed", "A payment failed"
    PAYMENT_LATE = "payment_late", "A payment is late"
    PAYMENT_RECEIVED = "payment_received", "A payment arrived"
    POLICY_CHANGED = "policy_changed", "The policy of a server was changed"
    RECOVERY_BEGUN = "recovery_begun", "Somebody vouched for a lost account"
    RECOVERY_CALLED_OFF = "recovery_called_off", "A recovery was called off"
    RECOVERY_CODE_USED = "recovery_code_used", "A recovery code was used"
    RECOVERY_CODES_MADE = "recovery_codes_made", "New recovery codes were made"
    RECOVERY_DONE = "recovery_done", "An account was recovered"
    SERVER_DELETED = "server_deleted", "A server was deleted"
    SERVER_DELETION_ORDERED = "server_deletion_ordered", "A server is to be deleted"
    SERVER_GOES_ON = "server_goes_on", "A server is held back no longer"
    SERVER_HANDED_OVER = "server_handed_over", "A server has a new owner"
    SERVER_ID_ROTATED = "server_id_rotated", "A server has a new Server ID"
    SERVER_RESTRICTED = "server_restricted", "A server was restricted"
    SERVER_RETIRED = "server_retired", "A server retires"
    SERVER_RETIREMENT_ANNOUNCED = "server_retirement_announced", "The end of a server is announced"
    SERVER_SUSPENDED = "server_suspended", "A server was suspended"
    SESSIONS_ENDED = "sessions_ended", "You were signed out everywhere"
    SIGN_IN_FAILED_OFTEN = "sign_in_failed_often", "Many failed sign-ins"


NOT_YOU = "If this was not you, sign out everywhere and change your password now."
NOT_US = "Who did it stands in the server's log. If you doubt it, look there now."

UNPAID = (
    "Nobody loses access and nothing lives shorter. If no payment arrives by {closes}, the"
    " subscription ends, and then the end of the server is announced, at least 30 days ahead."
)

# What each one says. Names in braces are its facts.
LINES: dict[Kind, str] = {
    Kind.ADMINISTRATION_ENDED: (
        "Another administrator removed you. What you did stays in the server's log."
    ),
    Kind.ADMINISTRATOR_ADDED: f"Somebody accepted an invitation to administer it. {NOT_US}",
    Kind.ADMINISTRATOR_INVITED: (
        f"The link works once, for seven days, and can be withdrawn until then. {NOT_US}"
    ),
    Kind.ADMINISTRATOR_REMOVED: f"Their power over the server has ended. {NOT_US}",
    Kind.DELETION_COMPLETED: (
        "Deletion D-{number} found nothing left in storage. Its receipt says what went, and the"
        " server's log proves it."
    ),
    Kind.DELETION_ORDERED: (
        "What deletion D-{number} covers became unavailable at once, and nothing brings it back. If"
        " this was not you, sign out everywhere and remove whoever ordered it. Suspending the"
        " server does not bring content back."
    ),
    Kind.EMAIL_CHANGED: f"Notices go to the new address from now on. {NOT_YOU}",
    Kind.EMAIL_REMOVED: f"Notices are shown in the panel alone from now on. {NOT_YOU}",
    Kind.EMPTYING_PROPOSED: "Nothing goes until another administrator agrees.",
    Kind.ERASING_STOPPED: "What deletion D-{number} covers stays unavailable all the same.",
    Kind.FACTOR_ADDED: (
        f"From now on it signs you in and confirms what you do: {{factor}}. {NOT_YOU}"
    ),
    Kind.FACTOR_REMOVED: f"It no longer signs anybody in: {{factor}}. {NOT_YOU}",
    Kind.JOIN_REQUESTS_WAITING: (
        "{people} asked to join a server. Nobody gets in before an administrator approves."
    ),
    Kind.LIFETIME_SHORTENED: (
        "What was older than the new limit became unavailable at once. A longer limit does not"
        f" bring it back. {NOT_US}"
    ),
    Kind.NEW_SIGN_IN: f"Your account was opened from {{browser}} ({{factor}}). {NOT_YOU}",
    Kind.OWNERSHIP_OFFERED: f"It changes hands only if both confirm, within seven days. {NOT_US}",
    Kind.PASSWORD_CHANGED: f"You are signed out everywhere else. {NOT_YOU}",
    Kind.PAYMENT_FAILED: f"The provider could not charge you. {UNPAID}",
    Kind.PAYMENT_LATE: f"The paid period ended on {{ended}}. {UNPAID}",
    Kind.PAYMENT_RECEIVED: "A server is paid for until {until}. The invoice stands under billing.",
    Kind.POLICY_CHANGED: f"What was changed stands on the server's policy page. {NOT_US}",
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
    Kind.SERVER_DELETED: (
        "Its content and its key are destroyed, and nobody is a user of it any more. You can look"
        " up its log and its receipt for {kept}."
    ),
    Kind.SERVER_DELETION_ORDERED: (
        "It is unavailable from now on, and will be destroyed on {due_at} at the earliest. Until"
        " then the side that ordered it, administrators or operators, can call it off. If it was"
        " nobody you know, sign out everywhere and remove that administrator."
    ),
    Kind.SERVER_GOES_ON: (f"What held it back was lifted, or its end was called off. {NOT_US}"),
    Kind.SERVER_HANDED_OVER: (
        f"Whoever owned it before goes on administering it, as all others do. {NOT_US}"
    ),
    Kind.SERVER_ID_ROTATED: (
        "The old one finds nothing any more. Who is in stays in, and who waits goes on waiting."
        f" {NOT_US}"
    ),
    Kind.SERVER_RESTRICTED: (
        "Nobody joins and nothing new is stored. What is there can be read. Why it was done stands"
        " in the server's log."
    ),
    Kind.SERVER_RETIRED: (
        "Nobody joins and nothing new is stored. What is there ends by its own time, and on"
        f" {{dry_at}} the server deletes itself. {NOT_US}"
    ),
    Kind.SERVER_RETIREMENT_ANNOUNCED: (
        "Nobody pays for it any more. From {begins_at} on it takes in nothing new, and 30 days"
        " later it deletes itself. Who can call that off stands in the server's log."
    ),
    Kind.SERVER_SUSPENDED: (
        "Nobody reads or writes there until it is resumed. Leaving, deleting one's own and expiry"
        f" go on. {NOT_US}"
    ),
    Kind.SESSIONS_ENDED: (
        "An operator of the platform ended your sessions. Your password and your factors are as"
        " they were: sign in again, and look at them."
    ),
    Kind.SIGN_IN_FAILED_OFTEN: (
        "Somebody keeps trying to sign in to your account. They did not get in. You still do, with"
        " a passkey or a recovery code at any time."
    ),
}
# Where something can be done about it, if not on the page of all the others.
SERVER_PAGES: dict[Kind, str] = {
    Kind.ADMINISTRATOR_ADDED: "administrators",
    Kind.ADMINISTRATOR_INVITED: "administrators",
    Kind.ADMINISTRATOR_REMOVED: "administrators",
    Kind.DELETION_COMPLETED: "orders",
    Kind.DELETION_ORDERED: "orders",
    Kind.EMPTYING_PROPOSED: "content",
    Kind.ERASING_STOPPED: "orders",
    Kind.JOIN_REQUESTS_WAITING: "join-requests",
    Kind.LIFETIME_SHORTENED: "policy",
    Kind.OWNERSHIP_OFFERED: "ownership",
    Kind.POLICY_CHANGED: "policy",
    Kind.RECOVERY_BEGUN: "vouching",
    Kind.RECOVERY_CALLED_OFF: "vouching",
    Kind.RECOVERY_DONE: "vouching",
    Kind.SERVER_DELETED: "log",
    Kind.SERVER_DELETION_ORDERED: "server-deletion",
    Kind.SERVER_GOES_ON: "server",
    Kind.SERVER_HANDED_OVER: "administrators",
    Kind.SERVER_ID_ROTATED: "invite",
    Kind.SERVER_RESTRICTED: "server",
    Kind.SERVER_RETIRED: "server",
    Kind.SERVER_RETIREMENT_ANNOUNCED: "server",
    Kind.SERVER_SUSPENDED: "server",
}
PAGES: dict[Kind, str] = {
    Kind.ADMINISTRATION_ENDED: "servers",
    Kind.EMAIL_CHANGED: "account",
    Kind.EMAIL_REMOVED: "account",
    Kind.PAYMENT_FAILED: "billing",
    Kind.PAYMENT_LATE: "billing",
    Kind.PAYMENT_RECEIVED: "billing",
}
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
