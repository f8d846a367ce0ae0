"""What may be done to memberships. Each function is one act, one transaction, one entry."""

from datetime import datetime

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action

from .models import Block, FormerMember, JoinRequest, Membership


def approve_join_request(join_request: JoinRequest, *, by: Authority) -> Membership:
    """Admit whoever asked. Only from here on may their devices fetch objects."""
    with recording(Action.JOIN_REQUEST_APPROVED, by=by, server=join_request.server) as entry:
        JoinRequest.objects.decide(join_request, JoinRequest.Decision.APPROVED)
        membership = Membership.objects.admit(join_request)
        entry.data["membership"] = str(membership.pk)
        entry.private["name"] = membership.shown_name
    return membership


def reject_join_request(
    join_request: JoinRequest,
    grounds: JoinRequest.Grounds = JoinRequest.Grounds.UNSTATED,
    *,
    by: Authority,
) -> None:
    """Turn whoever asked away. When they may ask again, the server's policy says."""
    with recording(Action.JOIN_REQUEST_REJECTED, by=by, server=join_request.server) as entry:
        JoinRequest.objects.decide(join_request, JoinRequest.Decision.REJECTED, grounds)
        entry.data["grounds"] = grounds.value
        entry.data["join_request"] = str(join_request.pk)  # no name: entries outlive the request


def block_former_member(
    former: FormerMember, *, until: datetime | None, reason: str = "", by: Authority
) -> Block:
    """Keep someone whose membership ended from asking again, until a moment or (None) for good."""
    with recording(Action.MEMBER_BLOCKED, by=by, server=former.server) as entry:
        block = Block.objects.place(former.server, former.handle, until=until, reason=reason)
        entry.data |= block.facts
        entry.private |= block.private
    return block


def lift_block(block: Block, *, by: Authority) -> None:
    """Let someone ask again who was kept from it. They are admitted to nothing by that."""
    with recording(Action.BLOCK_LIFTED, by=by, server=block.server) as entry:
        Block.objects.lift(block)
        entry.data["block"] = str(block.pk)
        entry.private["handle"] = block.short_handle
