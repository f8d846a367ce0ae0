"""What is kept of encrypted content, and of what was ordered about it: no readable word."""

from content.expiry import KEYS_KEPT
from content.lifetimes import LONGEST
from content.models import (
    AgeReached,
    Comparison,
    CountedDay,
    Cutoff,
    DeletionOrder,
    Device,
    EncryptedObject,
    FeedEntry,
    Gate,
    IntakeKey,
    ObjectCount,
    ObjectDeletion,
    OwnCutoff,
    Receipt,
    Withholding,
)
from content.models.counts import KEPT as AGES_KEPT
from content.models.devices import KEPT as DEVICES_KEPT
from content.models.feed import KEPT as FEED_KEPT
from content.models.orders import KEPT as ORDERS_KEPT
from enigm_command.lib.records import (
    LEASE,
    Lifetime,
    Reader,
    Record,
    ciphertext,
    coarse_time,
    count,
    handle,
    keyed_hash,
    operational,
    sealed,
)
from enigm_command.lib.wording import span
from servers.records import NAMED, RETENTION, WITH_SERVER

ADMINISTRATORS, DEVICES, PROGRAM = (Reader.ADMINISTRATORS,), (Reader.DEVICES,), (Reader.PROGRAM,)

LIVING = Lifetime(
    f"as long as the policy says, {span(LONGEST)} from its writing at most; sooner by an order",
    ("content.expire", "content.purges", "content.own_deletions"),
)
DARK = Lifetime("until the object's own time would be over", ("content.expire",))
FOLDED = Lifetime(f"{span(KEYS_KEPT)}: longer than anything it reaches", ("content.expire",))
KEYS = Lifetime(span(KEYS_KEPT), ("content.expire",))
TOLD = Lifetime(f"{span(FEED_KEPT)}: then no copy is left to remove", ("content.expire",))
SEEN = Lifetime(f"{span(DEVICES_KEPT)} after the week of its last contact", ("content.expire",))
OVER = Lifetime(
    f"{span(ORDERS_KEPT)}: longer than anything it reaches; while a hold lies on the server, until"
    " it ends",
    (RETENTION,),
)
AGES = Lifetime(span(AGES_KEPT), (RETENTION,))
COUNTED = Lifetime("until the day is over", (RETENTION,))
COMPARED = Lifetime("until the day is over", ("content.reconcile",))

RECORDS = (
    Record(
        EncryptedObject,
        "Encrypted objects",
        DEVICES,
        LIVING,
        {
            "expires_on": coarse_time("in which day's part of the table it lies"),
            "server_id": operational("on which server"),
            "id": operational("names the object"),
            "author": handle("whose deletion takes it along"),
            "kind": operational("message or media: each has its lifetime"),
            "size": count("its bytes", (Reader.DEVICES, Reader.ADMINISTRATORS)),
            "sha256": operational("of the ciphertext: tells a damaged copy"),
            "authored_at": coarse_time("from when its life is counted; to the second"),
            "received_at": operational("its place in what devices fetch"),
            "effective_at": operational("which orders reach it"),
            "expires_at": operational("when it is gone"),
            "state": operational("whether its bytes have arrived, and are still there"),
            "body": ciphertext("what was sent, encrypted; larger ones lie in the region's storage"),
        },
        of_server="server_id",
    ),
    Record(
        IntakeKey,
        "Keys of uploads",
        PROGRAM,
        KEYS,
        {
            "server_id": operational("on which server"),
            "author": handle("whose upload"),
            "key": keyed_hash("recognises the same upload sent again"),
            "expires_on": coarse_time("finds the object"),
            "object_id": operational("which object it became"),
            "spent_at": operational("when it can be forgotten"),
        },
        of_server="server_id",
    ),
    Record(
        ObjectDeletion,
        "Single objects that were deleted",
        PROGRAM,
        DARK,
        {
            "server_id": operational("on which server"),
            "object_id": operational("which object"),
            "expires_on": coarse_time("when this can be forgotten"),
            "by_author": operational("whether its author did it"),
            "deleted_at": operational("whether a hold is older"),
            "told": operational("that devices were told"),
            "finished_at": operational("that it is erased"),
        },
        of_server="server_id",
    ),
    Record(
        OwnCutoff,
        "Users who deleted all they had sent",
        PROGRAM,
        FOLDED,
        {
            "server_id": operational("on which server"),
            "author": handle("whose content"),
            "cutoff_at": operational("up to when"),
            "finished_at": operational("that it is erased"),
        },
        of_server="server_id",
    ),
    Record(
        Gate,
        "What holds for all of a server's content",
        PROGRAM,
        WITH_SERVER,
        {
            "server_id": operational("which server"),
            "floor": operational("nothing older is served"),
            "feed_number": operational("what devices must be told"),
            "held_since": operational("whether a hold delays erasing"),
            "held_until": operational("until when at most, if it may be told", ADMINISTRATORS),
            "room_bytes": count("how much may be stored"),
        },
        of_server="server_id",
    ),
    Record(
        Cutoff,
        "What orders have put in the dark",
        PROGRAM,
        OVER,
        {
            "server_id": operational("on which server"),
            "author": handle("whose content, if one user's"),
            "kind": operational("which kind, if one"),
            "cutoff_at": operational("up to when"),
        },
        of_server="server_id",
    ),
    Record(
        DeletionOrder,
        "Deletion orders",
        ADMINISTRATORS,
        OVER,
        {
            "id": operational("names the order"),
            "server_id": operational("on which server"),
            "number": operational("its number there"),
            "author": handle("whose content, if one user's"),
            "kind": operational("which kind, if one"),
            "object_id": operational("which object, if one"),
            "expires_on": coarse_time("where that object lay"),
            "by_age": operational("whether only what was older was chosen"),
            "cutoff_at": operational("up to when"),
            "placed_at": operational("when it was ordered"),
            "previewed": count("objects that its review showed"),
            "purged": count("objects erased so far"),
            "purged_bytes": count("bytes erased so far"),
            "heard_at": operational("tells when nobody works on it", PROGRAM),
            "paused_at": operational("since when operators let it rest"),
            "aborted_at": operational("when operators ended it early"),
            "finished_at": operational("when nothing was left, or it was ended"),
            **LEASE,
        },
        of_server="server_id",
    ),
    Record(
        Receipt,
        "Receipts of deletions",
        ADMINISTRATORS,
        WITH_SERVER,
        {
            "order_id": operational("of which order"),
            "server_id": operational("on which server"),
            "document": operational("what went: codes, numbers, times; no names"),
            "written_at": operational("when it was written"),
        },
        of_server="server_id",
    ),
    Record(
        Withholding,
        "Content that is or was withheld",
        ADMINISTRATORS,
        WITH_SERVER,
        {
            "id": operational("names the withholding"),
            "server_id": operational("on which server"),
            "number": operational("its number there"),
            "author": handle("whose content, if one user's"),
            "kind": operational("which kind, if one"),
            "reason": sealed("why", kept=NAMED),
            "placed_at": operational("since when"),
            "ends_at": operational("until when, if that was set"),
            "released_at": operational("when it ended"),
        },
        of_server="server_id",
    ),
    Record(
        FeedEntry,
        "What devices are told",
        DEVICES,
        TOLD,
        {
            "server_id": operational("on which server"),
            "number": operational("its place in the feed"),
            "what": operational("a deletion, a withholding, its end, a lifetime, a standing"),
            "author": handle("whose content, if one user's"),
            "kind": operational("which kind, if one"),
            "object_ids": operational("which objects, if single ones"),
            "until": operational("what a deletion reaches, or when a withholding ends"),
            "about": operational("which withholding ended"),
            "standing": operational("how the server stands"),
            "lifetime": operational("how long content of a kind lives from now on"),
            "told_at": operational("when it can be forgotten"),
        },
        of_server="server_id",
    ),
    Record(
        Device,
        "How far devices have come",
        PROGRAM,
        SEEN,
        {
            "server_id": operational("on which server"),
            "handle": handle("which device"),
            "member": handle("whose device"),
            "number": operational("what it has been told and has done"),
            "week": coarse_time("the week of its last contact; shown as sums alone"),
        },
        of_server="server_id",
    ),
    Record(
        ObjectCount,
        "How much is stored, day by day",
        ADMINISTRATORS,
        COUNTED,
        {
            "server_id": operational("on which server"),
            "expires_on": coarse_time("what goes on which day"),
            "kind": operational("which kind"),
            "objects_held": count("objects"),
            "bytes_held": count("bytes"),
            "oldest_at": operational("when the oldest of them was written: its age is shown"),
        },
        of_server="server_id",
    ),
    Record(
        AgeReached,
        "How old content became, day by day",
        ADMINISTRATORS,
        AGES,
        {
            "server_id": operational("on which server"),
            "day": coarse_time("on which day"),
            "age": operational("the greatest age at which anything was gone"),
        },
        of_server="server_id",
    ),
    Record(
        CountedDay,
        "Which days were counted",
        PROGRAM,
        COUNTED,
        {
            "expires_on": coarse_time("which day"),
            "changes": count("tells whether to count again"),
            "lost": count("objects whose bytes are missing"),
        },
    ),
    Record(
        Comparison,
        "How far storage was compared with the table",
        PROGRAM,
        COMPARED,
        {
            "region": operational("which region's storage"),
            "expires_on": coarse_time("which day's"),
            "after": operational("where to go on: the name of the last body that was compared"),
            "ended_at": operational("which day waits longest"),
        },
    ),
)
