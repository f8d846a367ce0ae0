"""The act by which a server changes its own rules."""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from lifecycle.policy import Draft
from servers.models import PolicyVersion
from servers.policy import as_data


def change_policy(draft: Draft, *, by: Authority) -> PolicyVersion:
    """Put another version of the policy in force. What lives shorter by it is gone at commit.

    Raises NothingToChange, OutsideBounds, or AlreadyChanged when another administrator was first.
    """
    lost = draft.lost()
    with recording(Action.POLICY_CHANGED, by=by, server=draft.server) as entry:
        version = draft.enact()
        draft.tell()
        entry.data |= {"version": version.number, **as_data(draft.changes)}
        if draft.shortens:
            entry.data["unavailable"] = lost
    return version
