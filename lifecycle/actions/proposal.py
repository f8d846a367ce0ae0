"""Acts by which operators ask a second one, and answer. Each stands in the server's log.

To agree is the act that was proposed, done by the second operator: it stands with the others.
"""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from lifecycle import agreements
from lifecycle.models import Grounds, ProposedAct
from lifecycle.standing import require_living, require_there
from servers.models import Server


def propose_server_deletion(server: Server, grounds: Grounds, *, by: Authority) -> ProposedAct:
    """Ask a second operator to agree that the platform deletes this server. Until then it stands.

    What is proposed, and why, stands in the server's log.
    """
    with recording(Action.SERVER_DELETION_PROPOSED, by=by, server=server) as entry:
        held, act = require_living(server), ProposedAct.Act.DELETE
        proposed = agreements.propose_by_operators(act, held, grounds, by=by)
        entry.data["proposal"] = str(proposed.pk)
        grounds.enter(entry)
    return proposed


def propose_act(
    act: ProposedAct.Act, server: Server, grounds: Grounds, *, by: Authority
) -> ProposedAct:
    """Ask a second operator for what the first one has done too often today to do it alone."""
    with recording(Action.SERVER_ACT_PROPOSED, by=by, server=server) as entry:
        proposed = agreements.propose_by_operators(act, require_there(server), grounds, by=by)
        entry.data |= {"act": act.label, "proposal": str(proposed.pk)}
        grounds.enter(entry)
    return proposed


def decline_proposal(proposed: ProposedAct, *, by: Authority) -> None:
    """Refuse, as the second operator, what the first one proposed; NotOpen when it is one's own."""
    with recording(Action.PROPOSAL_DECLINED, by=by, server=proposed.server) as entry:
        agreements.decline_by_operators(proposed, by=by)
        entry.data |= {"act": proposed.get_act_display(), "proposal": str(proposed.pk)}


def withdraw_proposal(proposed: ProposedAct, *, by: Authority) -> None:
    """Take back what one has proposed oneself; NotOpen when it was answered before."""
    with recording(Action.PROPOSAL_WITHDRAWN, by=by, server=proposed.server) as entry:
        agreements.withdraw_by_operators(proposed, by=by)
        entry.data |= {"act": proposed.get_act_display(), "proposal": str(proposed.pk)}
