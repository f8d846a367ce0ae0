"""Every act of power the product knows, who may take it, and the sentence the log shows.

The table of contents of the product. Names in braces are filled from the entry's public data.
"""

from django.db.models import TextChoices


class Capacity(TextChoices):
    """In what capacity someone acts. Not a role: the power itself is a row, the warrant."""

    ACCOUNT = "account", "Account holder"  # on their own account, or on what they were invited to
    ADMINISTRATOR = "administrator", "Administrator"
    MEMBER = "member", "User"
    OPERATOR = "operator", "Platform operator"
    OWNER = "owner", "Owner"
    SCHEDULE = "schedule", "Schedule"


class Action(TextChoices):
    """What can be done, as it stands in the log for good. A value is never given a new meaning."""

    # accounts
    ACCOUNT_CLOSED = "account.closed", "closed their account"
    ADMINISTRATOR_LEFT = "administrator.left", "left the server's administration"
    SESSIONS_ENDED = "account.sessions_ended", "signed somebody out everywhere"

    # administrators, and the ownership
    ADMINISTRATOR_ADDED = "administrator.added", "became an administrator"
    ADMINISTRATOR_INVITED = "administrator.invited", "invited somebody to administer the server"
    ADMINISTRATOR_REMOVED = "administrator.removed", "removed an administrator"
    INVITATION_DECLINED = "administrator.invitation_declined", "declined an invitation"
    INVITATION_WITHDRAWN = "administrator.invitation_withdrawn", "withdrew an invitation"
    OWNERSHIP_DECLINED = "server.ownership_declined", "declined to become the owner"
    OWNERSHIP_OFFERED = "server.ownership_offered", "offered an administrator to become the owner"
    OWNERSHIP_WITHDRAWN = "server.ownership_withdrawn", "took back the offer of the ownership"
    OWNER_INVITED = "server.owner_invited", "invited somebody to become the owner"
    SERVER_HANDED_OVER = "server.handed_over", "became the owner"

    # administrators who lost every way to sign in
    ADMINISTRATOR_RECOVERED = (
        "administrator.recovered",
        "gave an administrator's account a new password and second factor",
    )
    ADMINISTRATOR_VOUCHED = (
        "administrator.vouched",
        "vouched for an administrator who lost every way to sign in",
    )
    RECOVERY_CALLED_OFF = (
        "administrator.recovery_called_off",
        "called off the recovery of an administrator's account",
    )
    # buying
    INVOICE_SETTLED = "invoice.settled", "recorded that invoice {number} is paid"
    PLAN_CHANGED = "plan.changed", "changed the plan: {plan}, for {people} people"
    PLAN_EDITED = "plan.edited", "changed the price list: {plan}"
    PROCUREMENT_APPROVED = (
        "procurement.approved",
        "approved a purchase by invoice: {total} a month",
    )
    PROCUREMENT_DECLINED = "procurement.declined", "declined a purchase by invoice"
    SUBSCRIPTION_CANCELLED = "subscription.cancelled", "cancelled the subscription"

    # content
    CONTENT_RELEASED = "content.released", "released content: withholding W-{number} is over"
    CONTENT_WITHHELD = "content.withheld", "withheld content, W-{number}: {count} objects"
    DELETION_COMPLETED = (
        "deletion.completed",
        "finished deletion D-{number}: {removed} objects erased",
    )
    DELETION_ORDERED = "deletion.ordered", "ordered deletion D-{number}: {count} objects"
    EMPTYING_DECLINED = "emptying.declined", "declined to delete all content"
    EMPTYING_PROPOSED = (
        "emptying.proposed",
        "proposed to delete all content, to which a second administrator must agree",
    )
    EMPTYING_WITHDRAWN = "emptying.withdrawn", "took back the proposal to delete all content"
    PURGE_ABORTED = (
        "purge.aborted",
        "ended the erasing of deletion D-{number} early: {left} objects stay unavailable until they"
        " expire",
    )
    PURGE_PAUSED = "purge.paused", "paused the erasing of deletion D-{number}"
    PURGE_RESUMED = "purge.resumed", "let the erasing of deletion D-{number} go on"

    # membership
    BLOCK_LIFTED = "member.block_lifted", "lifted a block: somebody may ask to join again"
    JOIN_REQUEST_APPROVED = "join_request.approved", "approved a join request"
    JOIN_REQUEST_REJECTED = "join_request.rejected", "rejected a join request; grounds: {grounds}"
    MEMBER_BLOCKED = "member.blocked", "blocked a former user from asking to join again"
    MEMBER_LEFT = "member.left", "left the server"
    MEMBER_REMOVED = "member.removed", "removed a user"

    # policy
    POLICY_BOUND_SET = "policy.bound_set", "set how far servers may go in a setting: {setting}"
    POLICY_CHANGED = "policy.changed", "changed the policy: version {version}"

    # the log
    LOGS_ANCHORED = "logs.anchored", "anchored all other logs: {streams}"
    LOG_EXPORTED = "log.exported", "downloaded this log"
    VALUE_ERASED = "log.value_erased", "erased a personal value from {count} entries of this log"
    LOG_RESTORED = (
        "log.restored",
        "restored this log from a backup: {signed_size} entries had been signed as {signed_root}",
    )

    # the platform
    OPERATOR_ADDED = "operator.added", "added a platform operator"
    OPERATOR_REMOVED = "operator.removed", "removed a platform operator"
    PAGE_VIEWED = "page.viewed", "looked at an operators' page: {page}"

    # the server
    HOLD_LIFTED = "hold.lifted", "lifted a {category} hold on physical destruction"
    HOLD_PLACED = "hold.placed", "placed a {category} hold on physical destruction, until {until}"
    PROPOSAL_DECLINED = (
        "server.proposal_declined",
        "declined to {act} the server, as another operator had proposed",
    )
    PROPOSAL_WITHDRAWN = "server.proposal_withdrawn", "took back the proposal to {act} the server"
    SERVER_ACT_PROPOSED = (
        "server.act_proposed",
        "proposed to {act} the server, to which a second operator must agree",
    )
    SERVER_CREATED = "server.created", "created the server in {region}"
    SERVER_DELETED = "server.deleted", "deleted the server and destroyed its key"
    SERVER_DELETION_AGREED = (
        "server.deletion_agreed",
        "agreed, as a second administrator, to the server's deletion",
    )
    SERVER_DELETION_CALLED_OFF = "server.deletion_called_off", "called off the server's deletion"
    SERVER_DELETION_ORDERED = "server.deletion_ordered", "ordered the whole server deleted"
    SERVER_DELETION_PROPOSED = (
        "server.deletion_proposed",
        "proposed to delete the whole server, to which a second operator must agree",
    )
    SERVER_FORGOTTEN = "server.forgotten", "forgot a server that was deleted long ago: {rows} rows"
    SERVER_ID_ROTATED = "server_id.rotated", "replaced the Server ID"
    SERVER_RENAMED = "server.renamed", "renamed the server"
    SERVER_RESTRICTED = "server.restricted", "restricted the server"
    SERVER_RESTRICTION_LIFTED = "server.restriction_lifted", "lifted the server's restriction"
    SERVER_RESUMED = "server.resumed", "resumed the server"
    SERVER_RETIRED = "server.retired", "retired the server: it runs dry until {dry_at}"
    SERVER_RETIREMENT_ANNOUNCED = (
        "server.retirement_announced",
        "announced that the server retires on {begins_at}",
    )
    SERVER_RETIREMENT_CALLED_OFF = (
        "server.retirement_called_off",
        "called off the server's retirement",
    )
    SERVER_ROOM_SET = "server.room_set", "set how much the server may hold: {room}"
    SERVER_SUSPENDED = "server.suspended", "suspended the server"


ERASED = "audit.erased"  # written by the database itself when personal values are erased
ERASED_SENTENCE = "erased {count} personal values from this log: {reason}"

ACCOUNTABLE = frozenset({Capacity.ACCOUNT})
ADMITTED = frozenset({Capacity.MEMBER})
GOVERNING = frozenset({Capacity.OWNER, Capacity.ADMINISTRATOR})
OPERATING = frozenset({Capacity.OPERATOR})
OWNING = frozenset({Capacity.OWNER})
SCHEDULED = frozenset({Capacity.SCHEDULE})

POWERS: dict[Action, frozenset[Capacity]] = {
    Action.ACCOUNT_CLOSED: ACCOUNTABLE,
    Action.ADMINISTRATOR_ADDED: ACCOUNTABLE,  # by the power of whoever invited
    Action.ADMINISTRATOR_INVITED: GOVERNING,
    Action.ADMINISTRATOR_LEFT: GOVERNING,
    Action.ADMINISTRATOR_RECOVERED: GOVERNING,
    Action.ADMINISTRATOR_REMOVED: GOVERNING,
    Action.ADMINISTRATOR_VOUCHED: GOVERNING,
    Action.CONTENT_RELEASED: GOVERNING | SCHEDULED,
    Action.CONTENT_WITHHELD: GOVERNING,
    Action.BLOCK_LIFTED: GOVERNING | SCHEDULED,
    Action.DELETION_COMPLETED: SCHEDULED,
    Action.DELETION_ORDERED: GOVERNING | SCHEDULED,
    Action.EMPTYING_DECLINED: GOVERNING,
    Action.EMPTYING_PROPOSED: GOVERNING,
    Action.EMPTYING_WITHDRAWN: GOVERNING,
    Action.HOLD_LIFTED: OPERATING | SCHEDULED,
    Action.HOLD_PLACED: OPERATING,
    Action.INVITATION_DECLINED: ACCOUNTABLE,
    Action.INVITATION_WITHDRAWN: GOVERNING,
    Action.INVOICE_SETTLED: OPERATING,
    Action.JOIN_REQUEST_APPROVED: GOVERNING,
    Action.JOIN_REQUEST_REJECTED: GOVERNING,
    Action.LOGS_ANCHORED: SCHEDULED,
    Action.LOG_EXPORTED: GOVERNING | OPERATING,  # theirs is the platform's own
    Action.LOG_RESTORED: OPERATING,
    Action.MEMBER_BLOCKED: GOVERNING,
    Action.MEMBER_LEFT: ADMITTED,
    Action.MEMBER_REMOVED: GOVERNING,
    Action.OPERATOR_ADDED: OPERATING,
    Action.OPERATOR_REMOVED: OPERATING,
    Action.OWNERSHIP_DECLINED: GOVERNING,
    Action.OWNERSHIP_OFFERED: OWNING,
    Action.OWNERSHIP_WITHDRAWN: OWNING,
    Action.OWNER_INVITED: OWNING,
    Action.PAGE_VIEWED: OPERATING,
    Action.PLAN_CHANGED: OWNING,
    Action.PLAN_EDITED: OPERATING,
    Action.POLICY_BOUND_SET: OPERATING,
    Action.POLICY_CHANGED: GOVERNING,
    Action.PROCUREMENT_APPROVED: OPERATING,
    Action.PROCUREMENT_DECLINED: OPERATING,
    Action.PROPOSAL_DECLINED: OPERATING,
    Action.PROPOSAL_WITHDRAWN: OPERATING,
    Action.PURGE_ABORTED: OPERATING,
    Action.PURGE_PAUSED: OPERATING,
    Action.PURGE_RESUMED: OPERATING,
    Action.RECOVERY_CALLED_OFF: GOVERNING,
    Action.SERVER_ACT_PROPOSED: OPERATING,
    Action.SERVER_CREATED: SCHEDULED,
    Action.SERVER_DELETED: SCHEDULED,
    Action.SERVER_DELETION_AGREED: GOVERNING,
    Action.SERVER_DELETION_CALLED_OFF: GOVERNING | OPERATING,
    Action.SERVER_DELETION_ORDERED: OWNING | OPERATING | SCHEDULED,
    Action.SERVER_DELETION_PROPOSED: OPERATING,
    Action.SERVER_FORGOTTEN: SCHEDULED,
    Action.SERVER_HANDED_OVER: GOVERNING | ACCOUNTABLE,  # who was offered or invited to it
    Action.SERVER_ID_ROTATED: GOVERNING,
    Action.SERVER_RENAMED: GOVERNING,
    Action.SERVER_RESTRICTED: OPERATING,
    Action.SERVER_RESTRICTION_LIFTED: OPERATING,
    Action.SERVER_RESUMED: GOVERNING | OPERATING,
    Action.SERVER_RETIRED: OWNING | OPERATING | SCHEDULED,
    Action.SERVER_RETIREMENT_ANNOUNCED: SCHEDULED,
    Action.SERVER_RETIREMENT_CALLED_OFF: GOVERNING | OPERATING,
    Action.SERVER_ROOM_SET: OPERATING,
    Action.SERVER_SUSPENDED: GOVERNING | OPERATING,
    Action.SESSIONS_ENDED: OPERATING,
    Action.SUBSCRIPTION_CANCELLED: OWNING,
    Action.VALUE_ERASED: GOVERNING,
}
