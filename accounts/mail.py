"""Mail: written into a row with the act it tells of, sent once, and forgotten with its sending.

What must never happen: a mail for an act that was undone, or two for one; or a mail that says to
whoever carries it what the panel keeps to itself. What prevents it: the row is written in the act's
transaction, and one process at a time holds its lease. What is said are sentences of ours, which
name nobody. A process that dies between sending and forgetting sends again, under the same
Message-ID, by which mailboxes know a mail that they have.
"""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from textwrap import fill
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.template.loader import render_to_string

from enigm_command.lib import doorbell
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.leases import Leased, LeasedQuerySet
from enigm_command.lib.vault import PLATFORM

log = logging.getLogger(__name__)

WORTH = timedelta(days=1)  # how long it is tried; what it tells stands in the panel anyway
WIDTH = 76  # characters in a line of plain text
SIGNATURE = "Enigm Command. Nobody reads answers to this mail."


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says: a subject, a paragraph, and the one page of the panel it leads to."""

    subject: str
    text: str
    link: str
    path: str

    @property
    def url(self) -> str:
        """The page's address."""
        return f"{settings.SITE_URL}{self.path}"

    @property
    def plain(self) -> str:
        """The whole mail, for programs that show text."""
        return f"{fill(self.text, WIDTH)}\n\n{self.link}:\n{self.url}\n\n-- \n{SIGNATURE}\n"

    @property
    def html(self) -> str:
        """The whole mail with a little colour. It loads nothing from anywhere."""
        return render_to_string("accounts/mail.html", {"letter": self, "signature": SIGNATURE})


class MailQuerySet(LeasedQuerySet["Mail"]):
    def unfinished(self) -> "MailQuerySet":
        """A row is a mail that was not sent yet."""
        return self

    def stale(self) -> "MailQuerySet":
        """Those that could not be sent for as long as they were worth it."""
        return self.filter(posted_at__lt=ClockNow() - WORTH)

    def post(self, address: str, letter: Letter) -> None:
        """Have a letter sent once this transaction is committed."""
        mail = self.create(address=address, letter=json.dumps(asdict(letter)))
        doorbell.ring("accounts.send", mail.pk)


class Mail(Leased):
    """A mail that waits. After a try that failed the lease is left to run out before the next."""

    LEASE = timedelta(minutes=5)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    address = SealedText(scope=PLATFORM)
    letter = SealedText(scope=PLATFORM)
    posted_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[MailQuerySet] = MailQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"mail {self.pk}"

    def message(self) -> EmailMultiAlternatives:
        """What is handed to the mail server. Django refuses a line break in any header."""
        letter = Letter(**json.loads(self.letter))
        domain = urlsplit(settings.SITE_URL).hostname
        headers = {"Message-ID": f"<{self.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
        message = EmailMultiAlternatives(
            letter.subject, letter.plain, to=[self.address], headers=headers
        )
        message.attach_alternative(letter.html, "text/html")
        return message


def send(pk: UUID) -> None:
    """Send one mail, unless another process is at it or has done it."""
    if mail := Mail.objects.claim(pk):
        try:
            mail.message().send()
        except (SMTPRecipientsRefused, ValueError) as refusal:
            log.warning("%s is given up: %s", mail, type(refusal).__name__)
        except OSError as failure:
            log.warning("%s is tried again later: %s", mail, type(failure).__name__)
            return
        Mail.objects.filter(pk=mail.pk, fence=mail.fence).delete()
