"""What a person was shown before they ordered a deletion, and how it comes back with their answer.

A signed field carries it, so that the order is for what was seen: its scope, the moment up to which
it reaches, and how much that was. It holds for one account and for five minutes. It names the
order beforehand: sent twice, it is one order.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID, uuid4

from django.core import signing

from accounts.models import Account
from enigm_command.lib import clock
from servers.models import Server

from .models import EncryptedObject, KindCount
from .models.objects import totals
from .scope import Scope

SALT = "content.review"
HOLDS = 5 * 60  # seconds
MANY = 100  # objects; for more, the server's name is typed


class NoReview(Exception):
    """The field was not signed by us, or for somebody or something else."""


@dataclass(frozen=True, slots=True)
class Review:
    """What would go if it were ordered now, up to `cutoff_at`."""

    server: Server
    account: Account
    order_id: UUID
    scope: Scope
    cutoff_at: datetime
    count: int
    is_over: bool = False

    @classmethod
    def begin(cls, server: Server, account: Account, scope: Scope) -> Self:
        """Look at what lies in storage now."""
        return cls(server, account, uuid4(), scope, clock.now(), 0).again()

    @classmethod
    def open(cls, text: str, server: Server, account: Account) -> Self:
        """What this person was shown; NoReview for anything that we did not sign for them."""
        try:
            said, is_over = signing.loads(text, salt=SALT, max_age=HOLDS), False
        except signing.SignatureExpired:
            said, is_over = signing.loads(text, salt=SALT), True
        except signing.BadSignature as error:
            raise NoReview from error
        if said["for"] != _for(server, account):
            raise NoReview
        return cls(
            server,
            account,
            order_id=UUID(said["order"]),
            scope=_scope(said["scope"]),
            cutoff_at=datetime.fromisoformat(said["cutoff_at"]),
            count=said["count"],
            is_over=is_over,
        )

    def sealed(self) -> str:
        """The field's text."""
        said = {
            "for": _for(self.server, self.account),
            "order": str(self.order_id),
            "scope": _plain(self.scope),
            "cutoff_at": self.cutoff_at.isoformat(),
            "count": self.count,
        }
        return signing.dumps(said, salt=SALT, compress=True)

    def again(self) -> Self:
        """The same deletion as it would be now."""
        now = replace(self, cutoff_at=clock.now(), is_over=False)
        return replace(now, count=totals(now.by_kind())[0])

    def has_grown(self) -> bool:
        """Does it reach more than was shown, by what was written earlier and came later?"""
        return totals(self.by_kind())[0] > self.count

    def by_kind(self) -> list[KindCount]:
        """What it reaches in storage."""
        reached = EncryptedObject.objects.covered(self.server.pk, self.scope, self.cutoff_at)
        return reached.counted_by_kind()

    @property
    def needs_name(self) -> bool:
        """Is it so much that a slip must not be enough?"""
        return self.count > MANY or self.scope.is_everything


def _for(server: Server, account: Account) -> list[str]:
    return [str(server.pk), str(account.pk)]


def _plain(scope: Scope) -> list[str]:
    day = scope.expires_on.isoformat() if scope.expires_on else ""
    return [str(scope.author), scope.kind, str(scope.object_id), day]


def _scope(plain: list[Any]) -> Scope:
    author, kind, object_id, day = plain
    return Scope(
        author=UUID(author),
        kind=kind,
        object_id=UUID(object_id),
        expires_on=date.fromisoformat(day) if day else None,
    )
