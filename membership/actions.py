"""What may be done to memberships. Each function is one act, one transaction, one entry."""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action

from .models import JoinRequest, Membership


def approve_join_request(join_request: JoinRequest, *, by: Authority) -> Membership:
    """Admit whoever asked. Only from here on may their devices fetch objects."""
    with recording(Action.JOIN_REQUEST_APPROVED, by=by, server=join_request.server) as entry:
        JoinRequest.objects.decide(join_request, JoinRequest.Decision.APPROVED)
        membership = Membership.objects.admit(join_request)
        entry.data["membership"] = str(membership.pk)
        entry.private["name"] = membership.shown_name
    return membership


def reject_join_request(join_request: JoinRequest, *, by: Authority) -> None:
    """Turn whoever asked away. When they may ask again, the server's policy says."""
    with recording(Action.JOIN_REQUEST_REJECTED, by=by, server=join_request.server) as entry:
        JoinRequest.objects.decide(join_request, JoinRequest.Decision.REJECTED)
        entry.data["join_request"] = str(join_request.pk)  # no name: entries outlive the request
