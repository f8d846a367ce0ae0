"""From one version of a server's policy to the next: what would change, and what would be lost."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Self

from accounts.notices import Kind as Told
from content import ages, feed
from content.models import EncryptedObject
from content.scope import Kind
from servers import policy
from servers.models import PolicyVersion, Server
from servers.policy import Change, Codes


class NothingToChange(Exception):
    """The version that is wanted says what the one in force says."""


@dataclass(frozen=True)
class Draft:
    """A version that is not in force: made from the one that was in force when it was begun."""

    server: Server
    current: PolicyVersion
    wanted: PolicyVersion

    @classmethod
    def of(cls, server: Server, codes: Codes) -> Self:
        """The version in force with these settings in the place of its own."""
        current = PolicyVersion.objects.in_force(server.pk)
        fields = policy.values_of(policy.codes_of(current) | codes)
        wanted = PolicyVersion(server=server, number=current.number + 1, **fields)
        return cls(server, current, wanted)

    @cached_property
    def changes(self) -> list[Change]:
        """What is different in it."""
        return policy.changes(self.current, self.wanted)

    @property
    def parts(self) -> list[str]:
        """All that is confirmed: the version that is replaced, and each value of the new one."""
        codes = policy.codes_of(self.wanted)
        return [str(self.wanted.number), *(f"{name} {code}" for name, code in codes.items())]

    @property
    def shortens(self) -> bool:
        """Does content of some kind go sooner?"""
        return any(self._new(kind) < self._old(kind) for kind in Kind)

    def lost(self) -> int:
        """How many objects nobody could open any more if it were in force now."""
        if not self.shortens:
            return 0
        alive = EncryptedObject.objects.alive(self.server.pk, self.current)
        return alive.outlived(self.wanted).count()

    def enact(self) -> PolicyVersion:
        """Put it in force: only within the act that records it.

        Raises NothingToChange, policy.OutsideBounds, or AlreadyChanged for the second of two.
        """
        if not self.changes:
            raise NothingToChange
        policy.require_within_bounds(self.changes)
        version = PolicyVersion.objects.follow(self.wanted)
        longer = {str(kind): self._old(kind) for kind in Kind if self._new(kind) > self._old(kind)}
        if longer:
            ages.keep_dark(self.server.pk, longer)
        if other := {str(kind): self._new(kind) for kind in Kind if self._is_other(kind)}:
            feed.announce_lifetimes(self.server.pk, other)
        return version

    def tell(self) -> None:
        """Tell every administrator, if something goes sooner or they want to hear of all."""
        if self.shortens:
            self.server.administrators.tell(Told.LIFETIME_SHORTENED)
        elif self.current.tells_every_change or self.wanted.tells_every_change:
            self.server.administrators.tell(Told.POLICY_CHANGED)

    def _is_other(self, kind: Kind) -> bool:
        return self._new(kind) != self._old(kind)

    def _old(self, kind: Kind) -> timedelta:
        return self.current.lifetime_of(kind)

    def _new(self, kind: Kind) -> timedelta:
        return self.wanted.lifetime_of(kind)
