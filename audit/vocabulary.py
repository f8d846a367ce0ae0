"""Every act of power the product knows, who may take it, and the sentence the log shows.

The table of contents of the product. Names in braces are filled from the entry's public data.
"""

from django.db.models import TextChoices


class Capacity(TextChoices):
    """In what capacity someone acts. Not a role: the power itself is a row, the warrant."""

    ACCOUNT = "account", "Account holder"  # who acts on nothing but their own account
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
    DELETION_COMPLETED = (
        "deletion.completed",
        "finished deletion D-{number}: {removed} objects erased",
    )
    DELETION_ORDERED = "deletion.ordered", "ordered deletion D-{number}: {count} objects"

    # membership
    JOIN_REQUEST_APPROVED = "join_request.approved", "approved a join request"
    JOIN_REQUEST_REJECTED = "join_request.rejected", "rejected a join request"
    MEMBER_REMOVED = "member.removed", "removed a user"

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

    # the server
    SERVER_CREATED = "server.created", "created the server in {region}"
    SERVER_DELETED = "server.deleted", "deleted the server and destroyed its key"
    SERVER_DELETION_CALLED_OFF = "server.deletion_called_off", "called off the server's deletion"
    SERVER_DELETION_ORDERED = "server.deletion_ordered", "ordered the whole server deleted"
    SERVER_RENAMED = "server.renamed", "renamed the server"
    SERVER_RESUMED = "server.resumed", "resumed the server"
    SERVER_SUSPENDED = "server.suspended", "suspended the server"


ERASED = "audit.erased"  # written by the database itself when personal values are erased
ERASED_SENTENCE = "erased {count} personal values from this log: {reason}"

ACCOUNTABLE = frozenset({Capacity.ACCOUNT})
GOVERNING = frozenset({Capacity.OWNER, Capacity.ADMINISTRATOR})
OPERATING = frozenset({Capacity.OPERATOR})
OWNING = frozenset({Capacity.OWNER})
SCHEDULED = frozenset({Capacity.SCHEDULE})

POWERS: dict[Action, frozenset[Capacity]] = {
    Action.ACCOUNT_CLOSED: ACCOUNTABLE,
    Action.ADMINISTRATOR_LEFT: GOVERNING,
    Action.ADMINISTRATOR_RECOVERED: GOVERNING,
    Action.ADMINISTRATOR_VOUCHED: GOVERNING,
    Action.DELETION_COMPLETED: SCHEDULED,
    Action.DELETION_ORDERED: GOVERNING | SCHEDULED,
    Action.INVOICE_SETTLED: OPERATING,
    Action.JOIN_REQUEST_APPROVED: GOVERNING,
    Action.JOIN_REQUEST_REJECTED: GOVERNING,
    Action.LOGS_ANCHORED: SCHEDULED,
    Action.LOG_EXPORTED: GOVERNING,
    Action.LOG_RESTORED: OPERATING,
    Action.MEMBER_REMOVED: GOVERNING,
    Action.OPERATOR_ADDED: OPERATING,
    Action.OPERATOR_REMOVED: OPERATING,
    Action.PLAN_CHANGED: OWNING,
    Action.PLAN_EDITED: OPERATING,
    Action.PROCUREMENT_APPROVED: OPERATING,
    Action.PROCUREMENT_DECLINED: OPERATING,
    Action.RECOVERY_CALLED_OFF: GOVERNING,
    Action.SERVER_CREATED: SCHEDULED,
    Action.SERVER_DELETED: SCHEDULED,
    Action.SERVER_DELETION_CALLED_OFF: GOVERNING,
    Action.SERVER_DELETION_ORDERED: OWNING,
    Action.SERVER_RENAMED: GOVERNING,
    Action.SERVER_RESUMED: GOVERNING,
    Action.SERVER_SUSPENDED: GOVERNING,
    Action.SUBSCRIPTION_CANCELLED: OWNING,
    Action.VALUE_ERASED: GOVERNING,
}
