"""What holds somebody who wants to close their account, and what they let go with it."""

from dataclasses import dataclass, field
from typing import Self

from django.db.models import Q

from accounts.models import Account
from servers.models import Administrator, Server, Standing
from servers.models.purchase import CREATABLE, OPEN, Purchase

UNSETTLED = (*OPEN, Purchase.State.AWAITING_APPROVAL, *CREATABLE)


class StillNeeded(Exception):
    """Something would be left without anybody who answers for it."""


@dataclass(frozen=True, slots=True)
class Ties:
    """By what an account is tied to servers that live."""

    owned: list[Server] = field(default_factory=list)
    shared: list[Administrator] = field(default_factory=list)
    is_buying: bool = False
    is_operator: bool = False

    @classmethod
    def of(cls, account: Account) -> Self:
        """As they are now."""
        living = ~Q(server__standing=Standing.DELETED)
        powers = Administrator.objects.filter(living, account=account)
        others = powers.exclude(server__owner=account).select_related("server")
        return cls(
            owned=list(account.owned_servers.exclude(standing=Standing.DELETED)),
            shared=list(others.order_by("since")),
            is_buying=account.purchases.filter(state__in=UNSETTLED).exists(),
            is_operator=account.is_operator,
        )

    @property
    def hold(self) -> bool:
        """Must something else be done first?"""
        return bool(self.owned or self.is_buying or self.is_operator)
