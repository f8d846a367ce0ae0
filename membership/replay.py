"""What may be used once: a proof of possession, and a token that begins something.

Whoever overhears either may send it again. The second time it is known, and refused, for as long as
its own times would still let it pass.
"""

import secrets
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models

from enigm_command.lib import vault
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.problems import Problem

KEPT = timedelta(minutes=20)  # longer than a token lives (15) and a proof can be sent (10)


class AlreadySpent(Problem):
    """This token has begun something else before."""

    def __init__(self) -> None:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        detail = "This token has begun something before. Ask again with a new one."
        super().__init__(401, "token_spent", detail, headers=challenge)


class SpentQuerySet(models.QuerySet["Spent"]):
    def spend(self, what: str, *, on: str | None = None) -> bool:
        """Use something, once. A second time is True only for the very thing it was used on."""
        name = vault.index(vault.PLATFORM, f"spent {what}")
        purpose = vault.index(vault.PLATFORM, on) if on else secrets.token_bytes(16)
        self.bulk_create([self.model(name=name, purpose=purpose)], ignore_conflicts=True)
        return self.filter(name=name, purpose=purpose).exists()

    def forgettable(self) -> Self:
        """What would be refused by its own times."""
        return self.filter(at__lt=ClockNow() - KEPT)


class Spent(models.Model):
    """That something was used. It tells neither what it was nor whose."""

    name = models.BinaryField(primary_key=True, max_length=16)
    purpose = models.BinaryField(max_length=16)
    at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[SpentQuerySet] = SpentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (models.Index(fields=["at"], name="spent_at"),)

    def __str__(self) -> str:
        return f"used at {self.at:%H:%M}"


def begin(jti: str, what: str) -> None:
    """Let a token begin this, again if need be, and nothing else; AlreadySpent when it did."""
    if not Spent.objects.spend(f"token {jti}", on=what):
        raise AlreadySpent
