"""What a person was shown before they ordered a deletion, and how it comes back with their answer.

A signed field carries it, so that the order is for what was seen: its scope, the moment up to which
it reaches, and how much that was. The confirmation that was offered with it holds for just this,
for one account and for five minutes; the order will have its id, so that sent twice it is one.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.core import signing

from accounts.confirmations import Confirmation
from accounts.models import Account
from audit.vocabulary import Action
from enigm_command.lib import clock
from servers.models import Server

from .models import EncryptedObject, KindCount
from .models.objects import totals
from .scope import Scope

SALT = "content.review"
MANY = 100  # objects; for more, the server's name is typed


class NoReview(Exception):
    """The field was not signed by us, or for somebody or something else."""


@dataclass(frozen=True, slots=True)
class Review:
    """What would go if it were ordered now, up to `cutoff_at`."""

    server: Server
    confirmation: Confirmation
    scope: Scope
    cutoff_at: datetime
    count: int

    @classmethod
    def begin(cls, server: Server, account: Account, scope: Scope) -> Self:
        """Look at what lies in storage now, and ask whether all that shall go."""
        cutoff_at = scope.cutoff(clock.now())
        count = totals(_by_kind(server, scope, cutoff_at))[0]
        parts = _parts(server, scope, cutoff_at, count)
        confirmation = Confirmation.objects.offer(account, Action.DELETION_ORDERED, *parts)
        return cls(server, confirmation, scope, cutoff_at, count)

    @classmethod
    def open(cls, text: str, server: Server, account: Account) -> Self:
        """What this person was shown; NoReview for anything that we did not sign for them."""
        try:
            said = signing.loads(text, salt=SALT)
            confirmation = Confirmation.objects.of(account).get(pk=said["confirmation"])
        except (signing.BadSignature, Confirmation.DoesNotExist) as error:
            raise NoReview from error
        scope, cutoff_at = _scope(said["scope"]), datetime.fromisoformat(said["cutoff_at"])
        review = cls(server, confirmation, scope, cutoff_at, said["count"])
        if not confirmation.is_for(Action.DELETION_ORDERED, *review.parts):
            raise NoReview
        return review

    def sealed(self) -> str:
        """The field's text."""
        said = {
            "confirmation": str(self.confirmation.pk),
            "scope": _plain(self.scope),
            "cutoff_at": self.cutoff_at.isoformat(),
            "count": self.count,
        }
        return signing.dumps(said, salt=SALT, compress=True)

    def again(self) -> Self:
        """The same deletion as it would be now, asked anew."""
        return self.begin(self.server, self.confirmation.account, self.scope)

    def agreed(self) -> bool:
        """Use the confirmation up for the order that will have its id."""
        asked = self.confirmation
        return Confirmation.objects.allows(
            asked.pk, asked.account, Action.DELETION_ORDERED, *self.parts
        )

    def has_grown(self) -> bool:
        """Does it reach more than was shown, by what was written earlier and came later?"""
        return totals(self.by_kind())[0] > self.count

    def by_kind(self) -> list[KindCount]:
        """What it reaches in storage."""
        return _by_kind(self.server, self.scope, self.cutoff_at)

    @property
    def parts(self) -> list[str]:
        """All that is confirmed, as the confirmation's digest has it."""
        return _parts(self.server, self.scope, self.cutoff_at, self.count)

    @property
    def needs_name(self) -> bool:
        """Is it so much that a slip must not be enough?"""
        return self.count > MANY or self.scope.is_everything


def _by_kind(server: Server, scope: Scope, cutoff_at: datetime) -> list[KindCount]:
    return EncryptedObject.objects.covered(server.pk, scope, cutoff_at).counted_by_kind()


def _parts(server: Server, scope: Scope, cutoff_at: datetime, count: int) -> list[str]:
    return [str(server.pk), *_plain(scope), cutoff_at.isoformat(), str(count)]


def _plain(scope: Scope) -> list[str]:
    day = scope.expires_on.isoformat() if scope.expires_on else ""
    older_than = scope.older_than.isoformat() if scope.older_than else ""
    return [str(scope.author), scope.kind, str(scope.object_id), day, older_than]


def _scope(plain: list[Any]) -> Scope:
    author, kind, object_id, day, older_than = plain
    return Scope(
        author=UUID(author),
        kind=kind,
        object_id=UUID(object_id),
        expires_on=date.fromisoformat(day) if day else None,
        older_than=datetime.fromisoformat(older_than) if older_than else None,
    )
