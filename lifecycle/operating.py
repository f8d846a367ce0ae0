"""How much of what ends or holds back a server one operator does alone.

What must never happen: one person, or whoever stole their passkey, closes the platform's servers
one after the other. What prevents it: what is destructive is done alone twenty times in a day (UTC)
and from then on only proposed; a whole server's deletion is always only proposed, twice in a day;
and what is proposed is done by another operator, by their own request. Nothing that lifts, calls
off or keeps counts: nobody has to wait to undo. A try that is refused counts like one that is not.
"""

from collections.abc import Callable
from typing import Any

from audit.authority import Authority
from enigm_command.lib import throttle
from lifecycle import actions
from lifecycle.models import Grounds, ProposedAct
from servers.models import Server

Act = ProposedAct.Act

DESTRUCTIVE: dict[Act, Callable[..., Any]] = {
    Act.RESTRICT: actions.restrict_server,
    Act.RETIRE: actions.retire_server,
    Act.SUSPEND: actions.suspend_server,
}


def act_or_propose(
    act: Act, server: Server, grounds: Grounds, *, by: Authority
) -> ProposedAct | None:
    """Do it, if this operator's day has room for it; else propose it, which is what it returns."""
    try:
        throttle.hit("operator-act", str(by.actor))
    except throttle.TooMany:
        return actions.propose_act(act, server, grounds, by=by)
    DESTRUCTIVE[act](server, grounds=grounds, by=by)
    return None


def propose_deletion(server: Server, grounds: Grounds, *, by: Authority) -> ProposedAct:
    """Propose to delete the whole server; TooMany for the third in a day."""
    throttle.hit("operator-deletion", str(by.actor))
    return actions.propose_server_deletion(server, grounds, by=by)


def agree(proposed: ProposedAct, *, by: Authority) -> None:
    """Do, as the second operator, exactly what was proposed. Two have looked: it does not count."""
    server, grounds, proposal_id = proposed.server, proposed.grounds, proposed.pk
    if proposed.act == Act.DELETE:
        actions.order_agreed_server_deletion(server, proposal_id, grounds, by=by)
    else:
        do = DESTRUCTIVE[Act(proposed.act)]
        do(server, grounds=grounds, proposal_id=proposal_id, by=by)
