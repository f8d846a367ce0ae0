"""What takes two people: to end a server where its policy says so, at once, or as the platform, and
what operators do beyond what one of them may do alone.

What must never happen: one person alone does it, or agrees to something else than the other
proposed. What prevents it: `accounts.proposals`, whose digest here covers the very deletion, or the
act, its server and the grounds on which it shall be done.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from accounts.confirmations import digest_of
from accounts.models import Account, Proposal
from accounts.proposals import NotOpen, ProposalQuerySet
from audit.authority import Authority
from audit.recording import Entry
from enigm_command.lib import clock
from lifecycle.models import Grounds, ProposedAct, ServerDeletion
from servers.models import Server

BY_ADMINISTRATORS = "server deletion by two administrators"
BY_OPERATORS = "act by operators"
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


def propose_by_operators(
    act: ProposedAct.Act, server: Server, grounds: Grounds, *, by: Authority
) -> ProposedAct:
    """Ask another operator whether the platform shall do this to the server on these grounds."""
    proposal = Proposal.objects.propose(
        BY_OPERATORS,
        *_parts(act, server, grounds),
        by=_account(by.actor),
        server_id=server.pk,
        lasts=OPERATORS_ANSWER,
    )
    stated = {"code": grounds.reason, "reference": grounds.reference}
    return ProposedAct.objects.create(proposal=proposal, server=server, act=act, **stated)


def agree_by_operators(
    proposal_id: UUID,
    act: ProposedAct.Act,
    server: Server,
    grounds: Grounds,
    entry: Entry,
    *,
    by: Authority,
) -> None:
    """Agree as the second operator; NotOpen unless it is exactly what the first one proposed."""
    parts = _parts(act, server, grounds)
    Proposal.objects.agree(proposal_id, _account(by.actor), BY_OPERATORS, *parts)
    entry.data["proposal"] = str(proposal_id)


def decline_by_operators(proposed: ProposedAct, *, by: Authority) -> None:
    """Refuse as the second operator; NotOpen when it was answered, or is one's own."""
    Proposal.objects.decline(proposed.pk, _account(by.actor))


def withdraw_by_operators(proposed: ProposedAct, *, by: Authority) -> None:
    """Take one's own proposal back; NotOpen when it was answered, or is another's."""
    Proposal.objects.withdraw(proposed.pk, _account(by.actor))


def asked_of_operators(server: Server) -> QuerySet[ProposedAct]:
    """What one operator proposed to do with this server, and a second one has not answered."""
    waiting = ProposedAct.objects.filter(server=server, proposal__in=Proposal.objects.open())
    return waiting.select_related("proposal__proposed_by").order_by("proposal__proposed_at")


def _deletion(deletion: ServerDeletion) -> tuple[str, ...]:
    return str(deletion.pk), "at once" if deletion.at_once else "after its delay"


def _parts(act: ProposedAct.Act, server: Server, grounds: Grounds) -> tuple[str, ...]:
    return act.value, str(server.pk), grounds.reason.value, grounds.reference


def _account(actor: UUID | None) -> Account:
    assert actor is not None, "whoever proposes or agrees has an account"
    return Account.objects.get(pk=actor)
