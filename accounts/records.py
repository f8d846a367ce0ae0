"""What is kept of people who sign in to the panel. With an account, all goes that is about it."""

from accounts import addresses, confirmations, notices, passkeys, proposals, recovery, sessions
from accounts.mail import WORTH, Mail
from accounts.models import (
    Account,
    Challenge,
    Confirmation,
    EncryptedTOTPDevice,
    KnownBrowser,
    NewAddress,
    Notice,
    Operator,
    Passkey,
    Proposal,
    Recovery,
    RecoveryCode,
    RecoveryDevice,
    Session,
)
from audit.vocabulary import Action
from enigm_command.lib.records import (
    FOR_GOOD,
    LEASE,
    Column,
    Lifetime,
    Reader,
    Record,
    coarse_time,
    count,
    keyed_hash,
    operational,
    person,
    sealed,
)
from enigm_command.lib.wording import span

HOLDER, PROGRAM = (Reader.HOLDER,), (Reader.PROGRAM,)
FELLOWS = (Reader.HOLDER, Reader.ADMINISTRATORS)  # who administer a server with them

CLOSED = Lifetime("until the account is closed", (Action.ACCOUNT_CLOSED,))
RETIRED = Lifetime("until the account is closed; then a keyed hash", (Action.ACCOUNT_CLOSED,))
REPLACED = Lifetime("until it is removed, or the account is closed", (Action.ACCOUNT_CLOSED,))
USED = Lifetime("until it is used or replaced, or the account is closed", (Action.ACCOUNT_CLOSED,))
IN_POWER = Lifetime("until the operator is removed", (Action.OPERATOR_REMOVED,))
SENT = Lifetime(f"until it is sent, {span(WORTH)} at most", ("accounts.mails",))
TOLD = Lifetime(span(notices.KEPT), ("accounts.notices",))
PROVED = Lifetime(f"until it is proved, {span(addresses.HOLDS)} at most", ("accounts.notices",))
ASKED = Lifetime(f"until it is signed, {span(passkeys.LASTS)} at most", ("accounts.challenges",))
CONFIRMED = Lifetime(span(confirmations.KEPT), ("accounts.confirmations",))
PROPOSED = Lifetime(f"{span(proposals.KEPT)} after its end", ("accounts.confirmations",))
OPEN = Lifetime(
    f"until it is ended, {span(sessions.LIMITS.absolute)} at most", ("accounts.sessions",)
)
RECOVERED = Lifetime(
    f"{span(recovery.WAITS)} if nobody vouches, else {span(recovery.LASTS)} from the day it can"
    " be finished",
    ("accounts.recoveries",),
)


def passkey(name: Column) -> dict[str, Column]:
    """The columns that every table of passkeys has; of ours the name is sealed."""
    return {
        "id": operational("names the row"),
        "user": person("whose passkey it is"),
        "name": name,
        "confirmed": operational("whether it is in use"),
        "last_used_at": coarse_time("shows a passkey that nobody uses; to the day"),
        "credential_type": operational("what the device made"),
        "credential_id": operational("which key the device is to sign with"),
        "public_key": operational("checks the signature"),
        "transports": operational("how the browser reaches the device"),
        "sign_count": count("tells a copied device"),
        "backup_eligible": operational("whether the key may be copied by its maker"),
        "backup_state": operational("whether it has been"),
        "aaguid": operational("which make of device, as far as it tells"),
        "credential_id_sha256": operational("finds the row"),
        "discoverable": operational("whether it signs in without a name"),
    }


RECORDS = (
    Record(
        Account,
        "Accounts",
        HOLDER,
        CLOSED,
        {
            "id": operational("names the row: what was done was done by someone", kept=FOR_GOOD),
            "username": person("signs in, and names who acted", FELLOWS),
            "canonical": person("keeps two spellings from being two people", kept=RETIRED),
            "password": keyed_hash("checks the password (Argon2id)", PROGRAM),
            "email": sealed("where notices go, if anywhere"),
            "auth_epoch": operational("ends all sessions at once", PROGRAM, FOR_GOOD),
            "is_active": operational("whether it can sign in", kept=FOR_GOOD),
            "joined_at": operational("when it was made", kept=FOR_GOOD),
            "closed_at": operational("that it is closed", kept=FOR_GOOD),
        },
    ),
    Record(
        Session,
        "Sessions",
        HOLDER,
        OPEN,
        {
            "id": operational("names the row in the list of sessions"),
            "digest": keyed_hash("recognises the browser's cookie", PROGRAM),
            "contents": sealed("what the panel remembers: factor, kind of browser"),
            "account": person("who is signed in"),
            "began_at": operational("when it ends"),
            "seen_at": coarse_time("when it ends unused; to the minute"),
        },
    ),
    Record(
        EncryptedTOTPDevice,
        "Authenticator apps",
        HOLDER,
        REPLACED,
        {
            "id": operational("names the row"),
            "user": person("whose it is"),
            "name": operational("what it is called: the same for everyone"),
            "confirmed": operational("whether it is in use"),
            "seed": sealed("computes the codes", PROGRAM),
            "last_t": operational("lets a code be used once"),
            "drift": operational("how the app's clock differs"),
            "made_at": operational("when it was set up"),
            "throttling_failure_timestamp": operational("makes wrong codes wait"),
            "throttling_failure_count": count("wrong codes in a row"),
        },
    ),
    Record(
        Passkey,
        "Passkeys",
        HOLDER,
        REPLACED,
        {
            **passkey(sealed("what its owner calls it")),
            "made_at": operational("when it was added"),
        },
    ),
    Record(
        Challenge,
        "What passkeys were asked to sign",
        PROGRAM,
        ASKED,
        {
            "id": operational("names the row in the form"),
            "text": operational("random bytes"),
            "purpose": operational("for which door it is good"),
            "account": person("who was asked, once that is known"),
            "made_at": operational("when it is over"),
        },
    ),
    Record(
        RecoveryDevice,
        "Sets of recovery codes",
        HOLDER,
        REPLACED,
        {
            "id": operational("names the row"),
            "user": person("whose they are"),
            "name": operational("what they are called: the same for everyone"),
            "confirmed": operational("whether they are in use"),
            "made_at": operational("when they were made"),
        },
    ),
    Record(
        RecoveryCode,
        "Recovery codes that are left",
        PROGRAM,
        USED,
        {
            "id": operational("names the row"),
            "device": operational("of which set"),
            "digest": keyed_hash("recognises the code"),
        },
    ),
    Record(
        KnownBrowser,
        "Kinds of browser an account was used from",
        PROGRAM,
        CLOSED,
        {
            "id": operational("names the row"),
            "account": person("whose account"),
            "mark": keyed_hash("recognises the kind, such as Firefox on Linux"),
        },
    ),
    Record(
        NewAddress,
        "Addresses that wait for their proof",
        HOLDER,
        PROVED,
        {
            "id": operational("names the row in the link"),
            "account": person("who entered it"),
            "address": sealed("where the link goes"),
            "asked_at": operational("when the link is over"),
        },
    ),
    Record(
        Mail,
        "Mails that wait to be sent",
        PROGRAM,
        SENT,
        {
            "id": operational("names the mail, to its mailbox too"),
            "address": sealed("where it goes"),
            "letter": sealed("what it says"),
            "posted_at": operational("when it is given up"),
            **LEASE,
        },
    ),
    Record(
        Notice,
        "Notices",
        HOLDER,
        TOLD,
        {
            "id": operational("names the row"),
            "account": person("who is told"),
            "kind": operational("what is told"),
            "server_id": operational("about which server"),
            "facts": sealed("what fills its sentence: dates, numbers, kinds of factor"),
            "at": operational("when it happened"),
            "read_at": operational("whether it is new"),
        },
        of_server="server_id",
    ),
    Record(
        Confirmation,
        "Acts that were confirmed with a second factor",
        PROGRAM,
        CONFIRMED,
        {
            "id": operational("names the row in the form"),
            "account": person("who confirms"),
            "act": operational("what kind of act"),
            "digest": operational("exactly which act"),
            "offered_at": operational("how long it is good"),
            "proved_at": operational("that the factor was shown"),
            "spent_at": operational("that it was used"),
        },
    ),
    Record(
        Proposal,
        "Acts that a second person must agree to",
        FELLOWS,
        PROPOSED,
        {
            "id": operational("names the row"),
            "kind": operational("what kind of act"),
            "digest": operational("exactly which act"),
            "server_id": operational("on which server"),
            "proposed_by": person("who proposed it"),
            "proposed_at": operational("when"),
            "ends_at": operational("until when it can be answered"),
            "answer": operational("how it was answered"),
            "answered_by": person("who answered"),
            "answered_at": operational("when"),
        },
        of_server="server_id",
    ),
    Record(
        Recovery,
        "Recoveries of accounts that lost every way in",
        FELLOWS,
        RECOVERED,
        {
            "id": operational("names the row"),
            "account": person("who lost it"),
            "proposal": operational("who vouched"),
            "key_digest": keyed_hash("recognises the key in the browser", PROGRAM),
            "spoken_digest": keyed_hash("recognises the code that is read out", PROGRAM),
            "begun_at": operational("when it began"),
            "server_id": operational("on which server somebody vouched"),
            "vouched_at": operational("when"),
            "due_at": operational("from when it can be finished"),
            "called_off_at": operational("that it was called off"),
            "done_at": operational("that it is done"),
        },
        of_server="server_id",
    ),
    Record(
        Operator,
        "Who runs the platform",
        (Reader.OPERATORS,),
        IN_POWER,
        {
            "id": operational("names the row"),
            "account": person("whose power it is"),
            "since": operational("since when"),
        },
    ),
)
