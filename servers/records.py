"""What is kept of servers, of who administers them, and by which rules. Buying: `.purchase`."""

from audit.vocabulary import Action
from enigm_command.lib.records import (
    FOR_GOOD,
    Lifetime,
    Reader,
    Record,
    count,
    keyed_hash,
    operational,
    person,
    sealed,
)
from enigm_command.lib.wording import span
from servers.models import (
    Acceptance,
    Administrator,
    FormerLocator,
    Invitation,
    PolicyVersion,
    Server,
)
from servers.models.books import YEARS_KEPT
from servers.models.invitation import KEPT as INVITATIONS_KEPT
from servers.models.policy import PolicyBound
from servers.models.server import KEPT_AFTER_DELETION

ADMINISTRATORS = (Reader.ADMINISTRATORS,)
SEEN = (Reader.ADMINISTRATORS, Reader.OPERATORS)
RETENTION = "enigm_command.retention"

NAMED = Lifetime("until the server is deleted", (Action.SERVER_DELETED,))
WITH_SERVER = Lifetime(
    f"until {span(KEPT_AFTER_DELETION)} after the server's deletion", (RETENTION,)
)
TOMBSTONE = Lifetime(
    f"until {span(KEPT_AFTER_DELETION)} after the server's deletion, or its invoices go",
    (RETENTION,),
)
IN_POWER = Lifetime(
    f"until they leave or are removed, or {span(KEPT_AFTER_DELETION)} after the server's deletion",
    (Action.ADMINISTRATOR_LEFT, RETENTION),
)
INVITED = Lifetime(
    f"{span(INVITATIONS_KEPT)} after it ends", ("servers.invitations", Action.SERVER_DELETED)
)
ACCEPTED = Lifetime(f"{YEARS_KEPT} years after the account is closed", (RETENTION,))

RECORDS = (
    Record(
        Server,
        "Servers",
        SEEN,
        TOMBSTONE,
        {
            "id": operational("names the server everywhere inside"),
            "locator": operational("its Server ID: finds it, and opens nothing"),
            "region": operational("where its content lies"),
            "standing": operational("what it may do at present"),
            "name": sealed("what its administrators call it", ADMINISTRATORS, NAMED),
            "owner": person("who owns it"),
            "created_at": operational("when it was created"),
        },
        of_server="pk",
    ),
    Record(
        FormerLocator,
        "Server IDs that were replaced",
        (Reader.PROGRAM,),
        WITH_SERVER,
        {
            "locator": operational("is never given out again, and still finds it for its users"),
            "server": operational("whose it was"),
            "replaced_at": operational("since when it lets nobody ask"),
        },
        of_server="server",
    ),
    Record(
        Administrator,
        "Who administers which server",
        SEEN,
        IN_POWER,
        {
            "id": operational("names the row"),
            "server": operational("over which server"),
            "account": person("whose power it is"),
            "since": operational("since when"),
            "first_steps_hidden_at": operational(
                "that they hid the list of first steps", (Reader.PROGRAM,)
            ),
        },
        of_server="server",
    ),
    Record(
        Invitation,
        "Invitations to administer a server",
        ADMINISTRATORS,
        INVITED,
        {
            "id": operational("names the row"),
            "server": operational("to which server"),
            "inviter": operational("on whose power it stands"),
            "capacity": operational("to own it, or to administer it"),
            "label": sealed("tells administrators which invitation is whose"),
            "code_digest": keyed_hash("recognises the link", (Reader.PROGRAM,)),
            "made_at": operational("when it was made"),
            "ends_at": operational("when it ends"),
            "answer": operational("what came of it"),
            "answered_at": operational("when"),
        },
        of_server="server",
    ),
    Record(
        PolicyVersion,
        "Versions of a server's policy",
        ADMINISTRATORS,
        WITH_SERVER,
        {
            "id": operational("names the row"),
            "server": operational("of which server"),
            "number": operational("the newest is in force"),
            "message_lifetime": operational("how long messages live"),
            "media_lifetime": operational("how long media live"),
            "media_allowed": operational("whether media may be stored"),
            "largest_object": count("how many bytes an object may have"),
            "joins_open": operational("whether people may ask to join"),
            "queue_cap": count("how many may wait"),
            "ask_again_after": operational("when somebody rejected may ask again"),
            "removal_deletes": operational("whether a removed user's content goes too"),
            "deletion_delay": operational("how long a deletion of the server can be called off"),
            "emptying_needs_two": operational("whether deleting all content takes two"),
            "deletion_needs_two": operational("whether a second administrator must agree to it"),
            "tells_every_change": operational("whether administrators are told of each change"),
            "made_at": operational("since when"),
        },
        of_server="server",
    ),
    Record(
        PolicyBound,
        "How far servers may go in a setting",
        (Reader.EVERYONE,),
        FOR_GOOD,
        {
            "setting": operational("which setting"),
            "default": operational("what a new server begins with"),
            "least": operational("the least"),
            "most": operational("the most"),
            "locked": operational("whether servers may change it"),
        },
    ),
    Record(
        Acceptance,
        "Who accepted responsibility for running servers",
        (Reader.HOLDER, Reader.OPERATORS),
        ACCEPTED,
        {
            "id": operational("names the row"),
            "account": person("who accepted"),
            "version": operational("which words"),
            "accepted_at": operational("when"),
        },
    ),
)
