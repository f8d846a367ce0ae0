"""What is kept of how a server came to be, what holds it back, and how it ends."""

from accounts.records import PROPOSED
from enigm_command.lib.records import LEASE, Reader, Record, count, operational, person, sealed
from lifecycle.models import (
    Creation,
    Hold,
    ProposedAct,
    Restriction,
    Retirement,
    ServerDeletion,
    ServerReceipt,
    Suspension,
)
from servers.records import NAMED, SEEN, WITH_SERVER

OPERATORS = (Reader.OPERATORS,)
PLACED = {
    "id": operational("names the row"),
    "server": operational("which server"),
    "party": operational("who alone can lift it"),
    "placed_by": person("who placed it"),
    "code": operational("on what grounds, if an operator did"),
    "reference": sealed("to which case it belongs", OPERATORS, NAMED),
}
RESTRAINED = {
    "reason": sealed("why", kept=NAMED),
    "placed_at": operational("since when"),
    "lifted_at": operational("until when"),
}

RECORDS = (
    Record(
        Creation,
        "Creations of servers",
        (Reader.PROGRAM,),
        WITH_SERVER,
        {
            "id": operational("names the row"),
            "purchase_id": operational("for which purchase"),
            "server": operational("which server came of it"),
            "attempts": count("how often it was tried"),
            "begun_at": operational("when it began"),
            "finished_at": operational("when the server was there"),
            **LEASE,
        },
        of_server="server",
    ),
    Record(
        Restriction,
        "Restrictions",
        SEEN,
        WITH_SERVER,
        {**PLACED, **RESTRAINED},
        of_server="server",
    ),
    Record(
        Suspension,
        "Suspensions",
        SEEN,
        WITH_SERVER,
        {**PLACED, **RESTRAINED},
        of_server="server",
    ),
    Record(
        Retirement,
        "Retirements",
        SEEN,
        WITH_SERVER,
        {
            **PLACED,
            "placed_at": operational("when it was announced or begun"),
            "begins_at": operational("from when nothing new comes in"),
            "dry_at": operational("when nothing is left"),
            "called_off_at": operational("that it was called off"),
            "finished_at": operational("that the server's deletion followed"),
        },
        of_server="server",
    ),
    Record(
        Hold,
        "Holds; of confidential ones administrators learn when they are lifted",
        SEEN,
        WITH_SERVER,
        {
            "id": operational("names the row"),
            "server": operational("which server"),
            "category": operational("what kind of hold"),
            "confidential": operational("whether administrators are told"),
            "reason": sealed("why", OPERATORS, NAMED),
            "reference": sealed("to which case it belongs", OPERATORS, NAMED),
            "placed_by": person("which operator placed it", OPERATORS),
            "placed_at": operational("since when it delays erasing"),
            "until": operational("until when at most"),
            "lifted_at": operational("that it was lifted"),
        },
        of_server="server",
        counted=False,  # one more row would tell of a confidential one
    ),
    Record(
        ProposedAct,
        "What an operator proposed to do to a server, for a second one to agree to",
        SEEN,
        PROPOSED,
        {
            "proposal": operational("which proposal: who, until when, and how it was answered"),
            "server": operational("which server"),
            "act": operational("what shall be done to it"),
            "code": operational("on what grounds"),
            "reference": sealed("to which case it belongs", OPERATORS, NAMED),
        },
        of_server="server",
    ),
    Record(
        ServerDeletion,
        "Deletions of whole servers",
        SEEN,
        WITH_SERVER,
        {
            "id": operational("names the row, and its order over the content"),
            "server": operational("which server"),
            "party": operational("who alone can call it off"),
            "ordered_by": person("who ordered it"),
            "code": operational("on what grounds, if an operator did"),
            "reference": sealed("to which case it belongs", OPERATORS, NAMED),
            "ordered_at": operational("when"),
            "due_at": operational("until when it can be called off"),
            "needs_two": operational("whether a second administrator must agree"),
            "at_once": operational("whether it waits for nothing but that"),
            "agreed_at": operational("that one has agreed"),
            "called_off_at": operational("that it was called off"),
            "finished_at": operational("that the server is gone"),
            "log_closed_at": operational("that its log was signed for the last time"),
            "members_closed": count("memberships that ended with it"),
            "join_requests_closed": count("requests that ended with it"),
            **LEASE,
        },
        of_server="server",
    ),
    Record(
        ServerReceipt,
        "Receipts of servers' deletions",
        SEEN,
        WITH_SERVER,
        {
            "deletion": operational("of which deletion"),
            "document": operational("what went: codes, numbers, times; no names"),
            "written_at": operational("when it was written"),
        },
        of_server="deletion__server",
    ),
)
