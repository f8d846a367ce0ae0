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
from membership.models import (
    KEPT,
    REMEMBERED,
    WAITS,
    Block,
    FormerMember,
    JoinRequest,
    Membership,
    Spent,
)
from servers.records import RETENTION

ADMINISTRATORS, PROGRAM = (Reader.ADMINISTRATORS,), (Reader.PROGRAM,)

ASKED = Lifetime(
    f"{span(WAITS)} without an answer, else {span(KEPT)} after it; a rejection stays, without its"
    " name, as long as the server's policy lets nobody ask again",
    ("membership.join_requests", RETENTION, Action.SERVER_DELETED),
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
    (Action.MEMBER_LEFT, Action.MEMBER_REMOVED, Action.SERVER_DELETED),
)
BLOCKED = Lifetime(
    "until its day comes or it is lifted, or the server is deleted",
    ("membership.blocks", Action.BLOCK_LIFTED, Action.SERVER_DELETED),
)
FORMER = Lifetime(
    f"{span(REMEMBERED)} from the end of the membership",
    ("membership.former_members", Action.SERVER_DELETED),
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
            "words": keyed_hash("finds the name by whole words"),
            "note": sealed("what they say of themselves", kept=ANSWERED),
            "compare_code": sealed("compared with what they read out", kept=ANSWERED),
            "asked_at": operational("their place in the queue"),
            "told_at": operational("that administrators were told", PROGRAM),
            "decision": operational("how it was answered"),
            "grounds": operational("why it was rejected: one of a few codes"),
            "decided_at": operational("when"),
        },
        of_server="server",
    ),
    Record(
        Membership,
        "Users",
        ADMINISTRATORS,
        ADMITTED,
        {
            "id": operational("names the row in the panel's addresses"),
            "server": operational("of which server"),
            "handle": handle("recognises their app"),
            "display_name": sealed("what they called themselves when they asked"),
            "words": keyed_hash("finds the name by whole words"),
            "since": operational("since when"),
        },
        of_server="server",
    ),
    Record(
        FormerMember,
        "Former users",
        ADMINISTRATORS,
        FORMER,
        {
            "id": operational("names the row in the panel's addresses"),
            "server": operational("of which server"),
            "handle": handle("whose content can still be deleted"),
            "ended_at": operational("when the membership ended"),
        },
        of_server="server",
    ),
    Record(
        Block,
        "Blocks",
        ADMINISTRATORS,
        BLOCKED,
        {
            "id": operational("names the row in the panel's addresses"),
            "server": operational("of which server"),
            "handle": handle("recognises their app when it asks again"),
            "until": operational("when it ends"),
            "reason": sealed("why, for the other administrators"),
            "made_at": operational("since when"),
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
