"""What is kept of those who ask to join a server, and of its members."""

from audit.vocabulary import Action
from enigm_command.lib.records import (
    Lifetime,
    Reader,
    Record,
    handle,
    keyed_hash,
    operational,
    sealed,
)
from enigm_command.lib.wording import span
from membership import replay
from membership.models import KEPT, WAITS, JoinRequest, Membership, Spent

ADMINISTRATORS, PROGRAM = (Reader.ADMINISTRATORS,), (Reader.PROGRAM,)

ASKED = Lifetime(
    f"{span(WAITS)} without an answer, else {span(KEPT)} after it; a rejection stays, without its"
    " name, as long as the server's policy lets nobody ask again",
    ("membership.join_requests", Action.SERVER_DELETED),
)
ANSWERED = Lifetime(
    f"until it is answered, {span(WAITS)} at most",
    (
        Action.JOIN_REQUEST_APPROVED,
        Action.JOIN_REQUEST_REJECTED,
        Action.SERVER_DELETED,
        "membership.join_requests",
    ),
)
ADMITTED = Lifetime(
    "until they leave or are removed, or the server is deleted",
    (Action.MEMBER_REMOVED, Action.SERVER_DELETED),
)
SPENT = Lifetime(span(replay.KEPT), ("membership.spent",))

RECORDS = (
    Record(
        JoinRequest,
        "Requests to join",
        ADMINISTRATORS,
        ASKED,
        {
            "id": operational("names the row"),
            "server": operational("which server"),
            "handle": handle("tells whether the same person asks again"),
            "secret_hash": keyed_hash("lets their app ask how it fares", PROGRAM),
            "display_name": sealed("what they call themselves"),
            "note": sealed("what they say of themselves", kept=ANSWERED),
            "fingerprint": sealed("compared with what they read out", kept=ANSWERED),
            "asked_at": operational("their place in the queue"),
            "told_at": operational("that administrators were told", PROGRAM),
            "decision": operational("how it was answered"),
            "decided_at": operational("when"),
        },
        of_server="server",
    ),
    Record(
        Membership,
        "Members",
        ADMINISTRATORS,
        ADMITTED,
        {
            "id": operational("names the row in the panel's addresses"),
            "server": operational("of which server"),
            "handle": handle("recognises their app"),
            "display_name": sealed("what they called themselves when they asked"),
            "since": operational("since when"),
        },
        of_server="server",
    ),
    Record(
        Spent,
        "Tokens and proofs that were used",
        PROGRAM,
        SPENT,
        {
            "name": keyed_hash("recognises it the second time"),
            "purpose": keyed_hash("what it was used for"),
            "at": operational("when it can be forgotten"),
        },
    ),
)
