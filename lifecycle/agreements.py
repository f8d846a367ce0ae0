"""What takes two people to end a server: where its policy says so, at once, as the platform.

What must never happen: one person alone does either, or agrees to something else than the other
proposed. What prevents it: `accounts.proposals`, whose digest here covers the very deletion, or the
server with the grounds on which it shall be deleted.
"""

from datetime import timedelta
from uuid import UUID

from accounts.confirmations import digest_of
from accounts.models import Account, Proposal
from accounts.proposals import NotOpen, ProposalQuerySet
from enigm_command.lib import clock
from lifecycle.models import Grounds, ServerDeletion
from servers.models import Server

BY_ADMINISTRATORS = "server deletion by two administrators"
BY_OPERATORS = "server deletion by operators"
OPERATORS_ANSWER = timedelta(hours=72)
SECOND_ANSWERS = timedelta(days=30)  # where the policy needs one; until then it waits


def ask_second(deletion: ServerDeletion, proposer: UUID | None) -> Proposal:
    """Ask another administrator to agree to this very deletion, while it can be called off."""
    delay = deletion.due_at - clock.now()
    return Proposal.objects.propose(
        BY_ADMINISTRATORS,
        *_deletion(deletion),
        by=_account(proposer),
        server_id=deletion.server_id,
        lasts=max(delay, SECOND_ANSWERS) if deletion.needs_two else delay,
    )


def waiting_for_second(deletion: ServerDeletion) -> ProposalQuerySet:
    """The open question about this deletion, if there is one."""
    digest = digest_of(BY_ADMINISTRATORS, *_deletion(deletion))
    return Proposal.objects.open().filter(server_id=deletion.server_id, digest=digest)


def agree_as_second(deletion: ServerDeletion, second: UUID | None) -> None:
    """Agree as the second administrator; NotOpen when nobody else has asked."""
    asked = waiting_for_second(deletion).values_list("pk", flat=True).first()
    if asked is None:
        raise NotOpen
    parts = _deletion(deletion)
    Proposal.objects.agree(asked, _account(second), BY_ADMINISTRATORS, *parts)


def propose_by_operators(server: Server, grounds: Grounds, proposer: UUID | None) -> Proposal:
    """Ask another operator whether the platform shall delete this server on these grounds."""
    return Proposal.objects.propose(
        BY_OPERATORS,
        *_parts(server, grounds),
        by=_account(proposer),
        server_id=server.pk,
        lasts=OPERATORS_ANSWER,
    )


def agree_by_operators(
    proposal_id: UUID, server: Server, grounds: Grounds, second: UUID | None
) -> None:
    """Agree as the second operator; NotOpen unless it is exactly what the first one proposed."""
    Proposal.objects.agree(proposal_id, _account(second), BY_OPERATORS, *_parts(server, grounds))


def _deletion(deletion: ServerDeletion) -> tuple[str, ...]:
    return str(deletion.pk), "at once" if deletion.at_once else "after its delay"


def _parts(server: Server, grounds: Grounds) -> tuple[str, ...]:
    return str(server.pk), grounds.reason.value, grounds.reference


def _account(actor: UUID | None) -> Account:
    assert actor is not None, "whoever proposes or agrees has an account"
    return Account.objects.get(pk=actor)
