"""Deleting everything, where a server's policy asks for two administrators.

What must never happen: one person alone deletes everything there. What prevents it: without the
agreement of a second one to an open proposal, the order is refused in its own transaction; and
`accounts.proposals` lets nobody agree with themselves. The second one reviews and confirms for
themselves: the order is theirs, and reaches up to the moment of their review.
"""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from accounts.models import Account, Proposal
from accounts.proposals import ProposalQuerySet
from audit.authority import SCHEDULE, Authority
from enigm_command.lib.question import Rows
from servers.models import PolicyVersion, Server

from .scope import Scope

ANSWERED_WITHIN = timedelta(days=7)
KIND = "deletion of all content by two administrators"


class Part(StrEnum):
    """What somebody's confirmation comes to."""

    ALONE = "alone"
    PROPOSES = "proposes"
    WAITS = "waits"
    AGREES = "agrees"


class NeedsSecond(Exception):
    """The policy asks for a second administrator, and nobody has proposed it."""


class AlreadyProposed(Exception):
    """It waits for a second administrator already."""


def takes_two(server: Server, scope: Scope) -> bool:
    """Does this server's policy ask for a second administrator?"""
    return scope.is_everything and PolicyVersion.objects.in_force(server.pk).emptying_needs_two


def proposed() -> ProposalQuerySet:
    """What somebody proposed, on any server, and nobody has answered."""
    return Proposal.objects.open().filter(kind=KIND)


def open_in(server_id: UUID) -> ProposalQuerySet:
    """Of that on this server: one at most."""
    return proposed().filter(server_id=server_id)


def waiting(server: Server) -> Proposal | None:
    """The same as a row, with whoever proposed it."""
    return next(iter(WAITING.find(server=server.pk)), None)


WAITING = Rows(lambda server: open_in(server).select_related("proposed_by")[:1])


def part_of(server: Server, scope: Scope, account: Account) -> Part:
    """Would this person order it alone, propose it, wait for the other one, or agree?"""
    if not takes_two(server, scope):
        return Part.ALONE
    asked = waiting(server)
    if asked is None:
        return Part.PROPOSES
    return Part.WAITS if asked.proposed_by_id == account.pk else Part.AGREES


def propose(server: Server, *, by: Authority) -> Proposal:
    """Ask a second administrator; AlreadyProposed while somebody asks."""
    if waiting(server):
        raise AlreadyProposed
    return Proposal.objects.propose(
        KIND, str(server.pk), by=_account(by), server_id=server.pk, lasts=ANSWERED_WITHIN
    )


def require(server: Server, scope: Scope, *, by: Authority) -> None:
    """Agree as the second administrator, where it takes two. The schedule ends what people began.

    Raises NeedsSecond when nobody has proposed it, and NotOpen for whoever did.
    """
    if by == SCHEDULE or not takes_two(server, scope):
        return
    asked = waiting(server)
    if asked is None:
        raise NeedsSecond
    Proposal.objects.agree(asked.pk, _account(by), KIND, str(server.pk))


def decline(proposal: Proposal, *, by: Authority) -> None:
    """Refuse it; NotOpen when it was answered, or is one's own."""
    Proposal.objects.decline(proposal.pk, _account(by))


def withdraw(proposal: Proposal, *, by: Authority) -> None:
    """Take one's own back; NotOpen when it was answered, or is another's."""
    Proposal.objects.withdraw(proposal.pk, _account(by))


def _account(by: Authority) -> Account:
    assert by.actor is not None, "whoever proposes or agrees has an account"
    return Account.objects.get(pk=by.actor)
