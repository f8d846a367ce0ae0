"""What the log keeps. Entries hold no personal value; those stand beside them, and can go."""

from audit.erasure import KEPT
from audit.models import (
    AuditAnchored,
    AuditCheckpoint,
    AuditCosignature,
    AuditEvent,
    AuditPrivate,
    AuditStream,
)
from audit.vocabulary import Action
from enigm_command.lib.records import (
    FOR_GOOD,
    Lifetime,
    Reader,
    Record,
    count,
    keyed_hash,
    operational,
    sealed,
)
from enigm_command.lib.wording import span

ADMINISTRATORS = (Reader.ADMINISTRATORS,)
VALUES = Lifetime(
    f"{span(KEPT)}, or until somebody asks for less, or the server is deleted",
    ("audit.retention", Action.VALUE_ERASED, Action.SERVER_DELETED),
)

RECORDS = (
    Record(
        AuditStream,
        "Logs: one for each server, and the platform's",
        ADMINISTRATORS,
        FOR_GOOD,
        {
            "id": operational("whose log it is"),
            "size": count("how many entries it has"),
            "frontier": operational("from which its root is computed"),
            "last_at": operational("keeps its times in order"),
        },
        of_server="id",
    ),
    Record(
        AuditEvent,
        "Entries: each act of power, without a name",
        ADMINISTRATORS,
        FOR_GOOD,
        {
            "stream_id": operational("in which log"),
            "seq": operational("its number"),
            "leaf": operational("what was done, when, in what capacity; of names only commitments"),
            "leaf_hash": operational("proves that the entry is part of the log"),
            "filed_as": operational("finds entries by act"),
            "filed_by": operational("finds entries by capacity"),
            "filed_at": operational("finds entries by time"),
        },
        of_server="stream_id",
    ),
    Record(
        "audit_node",
        "Inner hashes of the logs' trees",
        (Reader.PROGRAM,),
        FOR_GOOD,
        {
            "stream_id": operational("of which log"),
            "level": operational("how high in the tree"),
            "n": operational("its place on that level"),
            "hash": operational("makes proofs short"),
        },
    ),
    Record(
        AuditPrivate,
        "Personal values of entries: who acted, and what they typed",
        ADMINISTRATORS,
        VALUES,
        {
            "stream_id": operational("of which log"),
            "seq": operational("of which entry"),
            "field": operational("what kind of value it is"),
            "sealed": sealed("shows administrators who did it"),
            "mark": keyed_hash("finds one person's values, to show or to erase them"),
        },
        of_server="stream_id",
    ),
    Record(
        AuditCheckpoint,
        "Signed sizes and roots of logs",
        ADMINISTRATORS,
        FOR_GOOD,
        {
            "stream_id": operational("of which log"),
            "origin": operational("the name it is signed under"),
            "size": count("how many entries it had"),
            "root": operational("the hash of all of them"),
            "note": operational("the signed text"),
            "signed_at": operational("when it was signed"),
        },
        of_server="stream_id",
    ),
    Record(
        AuditAnchored,
        "What the platform's log committed to of the other logs",
        (Reader.PROGRAM,),
        FOR_GOOD,
        {
            "stream_id": operational("of which log"),
            "entry": operational("where the platform's log commits to it"),
            "size": count("how many entries it had"),
            "frontier": operational("from which its root is computed"),
            "at": operational("when"),
        },
        of_server="stream_id",
    ),
    Record(
        AuditCosignature,
        "Signatures of the witness",
        (Reader.OPERATORS,),
        FOR_GOOD,
        {
            "stream_id": operational("of which log"),
            "origin": operational("the name it is signed under"),
            "size": count("how many entries it had"),
            "witness": operational("who signed"),
            "line": operational("the signature"),
            "at": operational("when"),
        },
        of_server="stream_id",
    ),
)
