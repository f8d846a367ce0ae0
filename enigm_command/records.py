"""What the helpers keep, and what Django and its packages bring along."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.migrations.recorder import MigrationRecorder
from django_otp_webauthn.models import WebAuthnAttestation, WebAuthnCredential, WebAuthnUserHandle

from accounts.records import CLOSED, passkey
from audit.vocabulary import Action
from enigm_command.lib.models import DataKey, SweepRun, ThrottleBucket
from enigm_command.lib.records import (
    FOR_GOOD,
    LEASE,
    Lifetime,
    Reader,
    Record,
    handle,
    keyed_hash,
    operational,
    person,
    sealed,
)
from enigm_command.lib.throttle import LIMITS
from enigm_command.lib.wording import span

PROGRAM = (Reader.PROGRAM,)
KEY = Lifetime("until the server is deleted; the platform's own for good", (Action.SERVER_DELETED,))
LONGEST = max(limit.per for limit in LIMITS.values())
DRAINED = Lifetime(
    f"until it counts nothing any more, {span(LONGEST)} at most",
    ("enigm_command.throttle_buckets",),
)

RECORDS = (
    Record(
        DataKey,
        "Keys of servers, and of the platform",
        PROGRAM,
        KEY,
        {
            "scope": operational("whose key it is"),
            "wrapped": sealed("opens what is sealed; itself sealed by the master key"),
            "made_at": operational("when the key was made"),
        },
        of_server="scope",
    ),
    Record(
        ThrottleBucket,
        "How often something was tried",
        PROGRAM,
        DRAINED,
        {
            "key": keyed_hash("what was tried, by whom, on which day"),
            "empty_at": operational("how full the bucket is"),
        },
    ),
    Record(
        SweepRun,
        "Runs of what happens by the clock",
        (Reader.OPERATORS,),
        FOR_GOOD,
        {
            "name": operational("which work"),
            "listed_at": operational("since when it is due"),
            "began_at": operational("when it last began"),
            "ended_at": operational("when it last ended: late work is seen"),
            **LEASE,
        },
    ),
    Record(
        ContentType,
        "Names of tables (Django)",
        PROGRAM,
        FOR_GOOD,
        {
            "id": operational("names the row"),
            "app_label": operational("part of the program"),
            "model": operational("table of that part"),
        },
    ),
    Record(
        Permission,
        "Names of permissions (Django); nothing here asks for one",
        PROGRAM,
        FOR_GOOD,
        {
            "id": operational("names the row"),
            "name": operational("what it would allow"),
            "content_type": operational("on which table"),
            "codename": operational("its short name"),
        },
    ),
    Record(
        Group,
        "Groups (Django); there are none",
        PROGRAM,
        FOR_GOOD,
        {"id": operational("names the row"), "name": operational("what it would be called")},
    ),
    Record(
        Group.permissions.through,
        "Permissions of groups (Django); there are none",
        PROGRAM,
        FOR_GOOD,
        {
            "id": operational("names the row"),
            "group": operational("which group"),
            "permission": operational("which permission"),
        },
    ),
    Record(
        MigrationRecorder.Migration,
        "How far the tables are migrated (Django)",
        PROGRAM,
        FOR_GOOD,
        {
            "id": operational("names the row"),
            "app": operational("part of the program"),
            "name": operational("which step"),
            "applied": operational("when it was taken"),
        },
    ),
    Record(
        WebAuthnUserHandle,
        "Numbers by which passkeys know accounts",
        PROGRAM,
        CLOSED,
        {"handle_hex": handle("names the account to its devices"), "user": person("which account")},
    ),
    Record(
        WebAuthnCredential,
        "Passkeys, as a package would keep them; empty, ours takes its place",
        PROGRAM,
        CLOSED,
        {**passkey(operational("unused")), "created_at": operational("unused")},
    ),
    Record(
        WebAuthnAttestation,
        "Makers' statements about devices, as a package would keep them; empty",
        PROGRAM,
        CLOSED,
        {
            "id": operational("unused"),
            "fmt": operational("unused"),
            "data": operational("unused"),
            "client_data_json": operational("unused"),
            "credential": operational("unused"),
        },
    ),
)
