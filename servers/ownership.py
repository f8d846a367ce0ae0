"""Who may administer a server and who owns it, as it changes hands.

What must never happen: a server belongs to somebody who did not agree, or whom its owner did not
mean; its owner does not administer it; somebody acts as the owner they were; or nobody is told.
What prevents it: the owner offers it to one power in particular, and that power's account takes it,
each with a factor of their own; the offer is void as soon as either of them is not what they were;
both, like every removal, lock the server's row first, and a deferred trigger looks again at commit.
The former owner's power ends with the ownership, and an administrator's begins.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts.confirmations import digest_of
from accounts.models import Account, Proposal
from accounts.notices import Kind
from accounts.proposals import NotOpen
from audit.authority import Authority
from audit.vocabulary import Capacity
from servers.closing import StillNeeded
from servers.models import Acceptance, Administrator, Invitation, Server
from servers.models.server import NotTheOwner
from servers.purchase import terms

OFFER = "ownership"
LASTS = timedelta(days=7)


class AlreadyOffered(Exception):
    """The ownership waits for somebody's answer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The ownership, offered to one administrator."""

    proposal: Proposal
    heir: Administrator


def current(server: Server) -> Offer | None:
    """The offer that waits for an answer, if the owner's word and the heir's power still stand."""
    heirs = server.administrators.exclude(account=server.owner_id).select_related("account")
    meant = {digest_of(OFFER, *_parts(server, heir)): heir for heir in heirs}
    offers = Proposal.objects.open().filter(server_id=server.pk, kind=OFFER)
    for proposal in offers.filter(proposed_by=server.owner_id):
        if heir := meant.get(bytes(proposal.digest)):
            return Offer(proposal, heir)
    return None


def offer(server: Server, heir: Administrator, owner: Administrator) -> None:
    """Offer it, as its owner; AlreadyOffered while another offer waits."""
    server = Server.objects.lock(server)
    if owner.account_id != server.owner_id:
        raise NotTheOwner
    if current(server):
        raise AlreadyOffered
    Proposal.objects.propose(
        OFFER, *_parts(server, heir), by=server.owner, server_id=server.pk, lasts=LASTS
    )


def take(server: Server, heir: Administrator) -> None:
    """Make the one to whom it was offered the owner; NotOpen unless it was, and still is."""
    server = Server.objects.lock(server)
    offered = _offered(server, heir)
    Proposal.objects.agree(offered.pk, heir.account, OFFER, *_parts(server, heir))
    Acceptance.objects.accept(heir.account, terms.VERSION)
    _hand_over(server, heir.account_id)


def decline(server: Server, heir: Administrator) -> None:
    """Say no to it, as the one to whom it was offered."""
    Proposal.objects.decline(_offered(server, heir).pk, heir.account)


def withdraw(server: Server) -> None:
    """Take the offer back in the owner's name; NotOpen when there is none any more."""
    Proposal.objects.withdraw(_offered(server).pk, server.owner)


def accept(invitation: Invitation, account_id: UUID | None) -> None:
    """Give the account what the invitation offers, and keep that it takes the responsibility.

    NotOpen when it was answered, has ended, or offers an administrator nothing new.
    """
    assert account_id is not None, "whoever accepts has an account"
    server = Server.objects.lock(invitation.server)
    Invitation.objects.end(invitation.pk, Invitation.Answer.ACCEPTED)
    power, is_new = Administrator.objects.admit(server, account_id)
    Acceptance.objects.accept(power.account, terms.VERSION)
    if invitation.is_for_owner:
        _from_inviter(invitation, server, account_id)
    elif not is_new:
        raise NotOpen


def remove(administrator: Administrator) -> bool:
    """End this power; False when it had ended. StillNeeded for the owner's."""
    server = Server.objects.lock(administrator.server)
    if server.owner_id == administrator.account_id:
        raise StillNeeded
    ended, _ = Administrator.objects.filter(pk=administrator.pk).delete()
    return bool(ended)


def authority_of_invited(invitation: Invitation, account: Account) -> Authority:
    """What somebody answers an invitation with: as themselves, by the power of who invited."""
    return Authority(
        Capacity.ACCOUNT,
        name=account.username,
        actor=account.pk,
        server_id=invitation.server_id,
        warrant=invitation.inviter,
    )


def tell(server: Server, kind: Kind) -> None:
    """Tell everyone who administers the server."""
    server.administrators.all().tell(kind)


def _offered(server: Server, heir: Administrator | None = None) -> Proposal:
    offered = current(server)
    if offered is None or heir not in (None, offered.heir):
        raise NotOpen
    return offered.proposal


def _from_inviter(invitation: Invitation, server: Server, heir: UUID) -> None:
    owners = server.administrators.filter(account=server.owner_id)
    if invitation.inviter_id not in owners.values_list("pk", flat=True):
        raise NotOpen
    _hand_over(server, heir)


def _hand_over(server: Server, heir: UUID) -> None:
    Server.objects.hand_over(server, heir)
    Administrator.objects.renew(server.administrators.get(account=server.owner_id))


def _parts(server: Server, heir: Administrator) -> tuple[str, ...]:
    return str(server.pk), str(server.owner_id), str(heir.pk)
