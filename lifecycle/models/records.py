"""What the records that restrain or end a server have in common: who placed them, and why."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from psycopg.errors import UniqueViolation

from audit.authority import Authority
from audit.recording import Entry
from audit.vocabulary import Capacity
from enigm_command.lib.fields import SealedText
from servers.models import Server

LONGEST_REFERENCE = 80


class AlreadyInForce(Exception):
    """The server is restrained or ended in this way, by this party, already."""


class NothingToLift(Exception):
    """There is nothing in force that this party placed, or its clock has run out."""


class NotInThisStanding(Exception):
    """What the server is at present does not allow the act."""


class Ungrounded(ValueError):
    """Operators act on stated grounds, and only they do."""


class Party(models.TextChoices):
    """Who placed a record. Only the same party lifts it again."""

    SERVER = "server", "the server's administrators"
    PLATFORM = "platform", "the platform's operators"

    @classmethod
    def of(cls, capacity: Capacity) -> "Party":
        """Operators and the schedule act for the platform, everyone else for the server."""
        platform = (Capacity.OPERATOR, Capacity.SCHEDULE)
        return cls.PLATFORM if capacity in platform else cls.SERVER


class Reason(models.TextChoices):
    """Why operators may step in: the whole list. That nobody pays is not on it."""

    ABUSE = "abuse", "Abuse or illegal use"
    COMPLIANCE = "compliance", "A compliance obligation"
    COURT_ORDER = "court_order", "A court order or another duty by law"
    HARM = "harm", "Harm to people"
    INTEGRITY = "integrity", "The integrity of the platform"
    SECURITY = "security", "A valid security concern"


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what an operator acts: a reason from the list, and the case that it belongs to."""

    reason: Reason
    reference: str

    def __post_init__(self) -> None:
        if self.reason not in Reason or not self.reference.strip():
            raise Ungrounded("a reason from the list, and a reference")

    def enter(self, entry: Entry) -> None:
        """Say so in the log: the reason for everyone who proves it, the reference sealed."""
        entry.data["reason"] = self.reason.value
        entry.private["reference"] = self.reference


SUBSCRIPTION_ENDED = "subscription_ended"  # the schedule's only reason; no operator has it


def reason_label(code: str) -> str:
    """A record's code in words."""
    if code == SUBSCRIPTION_ENDED:
        return "The subscription has ended"
    return Reason(code).label if code else ""


def origin(by: Authority, grounds: Grounds | None) -> dict[str, Any]:
    """Who places a record and why, as its columns.

    Ungrounded for an operator without grounds, and for anybody else with some.
    """
    if (by.capacity == Capacity.OPERATOR) != (grounds is not None):
        raise Ungrounded("operators, and only they, act on grounds")
    stated = {"code": grounds.reason, "reference": grounds.reference} if grounds else {}
    return {"party": Party.of(by.capacity), "placed_by_id": by.actor, **stated}


@contextmanager
def once() -> Iterator[None]:
    """A second open record of the same kind is refused by its constraint."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise AlreadyInForce from error
        raise


class Record(models.Model):
    """The columns of who and why. A code is the platform's and never personal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="%(class)ss")
    party = models.CharField(max_length=8, choices=Party)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    code = models.CharField(max_length=20, blank=True, default="")
    reference = SealedText(scope="server_id", max_length=LONGEST_REFERENCE, null=True)

    class Meta:
        abstract = True
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                name="%(class)s_by_the_platform_has_its_reason",
                condition=Q(party="server", code="") | Q(party="platform") & ~Q(code=""),
            ),
        ]

    @property
    def reason_label(self) -> str:
        """The code in words; nothing for what the server's own administrators placed."""
        return reason_label(self.code)
