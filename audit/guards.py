"""Which tables no transaction may change without an entry in the log.

What is work and not power is left out: leases, progress, and what applicants and devices write
themselves. A test compares GUARDED with the triggers that stand in the database.
"""

from collections.abc import Iterable

from django.db.migrations import RunSQL

# table: what fires the rule. "UPDATE" alone means that every column decides something.
GUARDED: dict[str, str] = {
    "accounts_account": "DELETE OR UPDATE OF closed_at",
    "accounts_operator": "INSERT OR DELETE OR UPDATE",
    "accounts_recovery": "UPDATE OF account_id, vouched_at, due_at, called_off_at, done_at",
    "content_cutoff": "INSERT OR UPDATE",  # forgotten by the clock, under a rule of its own
    "content_deletionorder": (  # forgotten by the clock, likewise
        "INSERT OR UPDATE OF server_id, number, author, kind, object_id, expires_on, cutoff_at,"
        " by_age, placed_at, previewed, paused_at, aborted_at, finished_at"
    ),
    "content_gate": "DELETE OR UPDATE OF floor, held_since, room_bytes",
    "content_receipt": "INSERT OR DELETE OR UPDATE",
    "content_withholding": "INSERT OR DELETE OR UPDATE",
    "lifecycle_creation": "DELETE OR UPDATE OF server_id, purchase_id",
    "lifecycle_hold": "INSERT OR DELETE OR UPDATE",
    "lifecycle_proposedact": "INSERT OR UPDATE",
    "lifecycle_restriction": "INSERT OR DELETE OR UPDATE",
    "lifecycle_retirement": "INSERT OR DELETE OR UPDATE",
    "lifecycle_serverdeletion": (
        "INSERT OR DELETE OR UPDATE OF server_id, party, code, due_at, needs_two, at_once,"
        " agreed_at, called_off_at, finished_at"
    ),
    "lifecycle_serverreceipt": "INSERT OR DELETE OR UPDATE",
    "lifecycle_suspension": "INSERT OR DELETE OR UPDATE",
    "membership_block": "INSERT OR DELETE OR UPDATE",
    "membership_joinrequest": "UPDATE OF server_id, handle, decision, grounds",
    "membership_membership": "INSERT OR DELETE OR UPDATE",
    "servers_administrator": ("INSERT OR DELETE OR UPDATE OF id, server_id, account_id, since"),
    "servers_invitation": "INSERT OR UPDATE",
    "servers_plan": "INSERT OR DELETE OR UPDATE",
    "servers_policybound": "INSERT OR DELETE OR UPDATE",
    "servers_policyversion": "INSERT OR DELETE OR UPDATE",
    "servers_procurement": "UPDATE OF purchase_id, decision, decided_at, answer",
    "servers_server": "INSERT OR DELETE OR UPDATE OF locator, region, standing, name, owner_id",
    "servers_subscription": "UPDATE OF purchase_id, plan_id, seats, total_cents, currency",
}


def audit_required(
    table: str, *, deciding: Iterable[str] = (), inserts: bool = True, deletes: bool = True
) -> RunSQL:
    """A migration step: refuse, at commit, a change of `table` whose transaction has no entry.

    `deciding` names the columns whose UPDATE is an act; without it, every column is.
    """
    columns = f" OF {', '.join(deciding)}" if deciding else ""
    events = " OR ".join(["INSERT"] * inserts + ["DELETE"] * deletes + [f"UPDATE{columns}"])
    return RunSQL(
        f"CREATE CONSTRAINT TRIGGER audit_required AFTER {events} ON {table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_required()",
        f"DROP TRIGGER audit_required ON {table}",
    )
