"""Acts on a server itself. What begins, holds back or ends one stands in `lifecycle.actions`."""

from accounts.models import Account, Recovery
from accounts.notices import Kind
from accounts.recovery import NewWayIn
from audit import erasure
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib import wording
from servers import vouching
from servers.closing import StillNeeded, Ties
from servers.models import Administrator, Server


def close_account(account: Account, *, by: Authority) -> None:
    """Close an account for good. Raises StillNeeded while anything depends on it.

    The row's lock makes whoever is about to make it an owner or a buyer wait.
    """
    with recording(Action.ACCOUNT_CLOSED, by=by, server=None) as entry:
        Account.objects.select_for_update().get(pk=account.pk)
        ties = Ties.of(account)
        if ties.hold or ties.shared:
            raise StillNeeded
        account.close()
        entry.data["account"] = str(account.pk)


def export_log(server: Server, *, by: Authority) -> None:
    """Let the whole log be taken away. That it was stands in the log, as its newest entry."""
    with recording(Action.LOG_EXPORTED, by=by, server=server):
        pass


def erase_value(server: Server, value: str, *, by: Authority) -> int:
    """Erase one personal value wherever the log names it. The entries stay and still prove."""
    with recording(Action.VALUE_ERASED, by=by, server=server) as entry:
        erased = erasure.erase_value(server.pk, value, "a person asked")
        entry.data["count"] = erased
    return erased


def leave_administration(administrator: Administrator, *, by: Authority) -> None:
    """Give the power over a server back. Its owner, and its last administrator, cannot."""
    with recording(Action.ADMINISTRATOR_LEFT, by=by, server=administrator.server) as entry:
        if administrator.server.owner_id == administrator.account_id:
            raise StillNeeded
        left, _ = Administrator.objects.filter(pk=administrator.pk).delete()
        entry.ends_warrant = bool(left)


def vouch_for_administrator(recovery: Recovery, server: Server, *, by: Authority) -> None:
    """Say that this is really them: after three days they may come back. Everyone is told now."""
    with recording(Action.ADMINISTRATOR_VOUCHED, by=by, server=server) as entry:
        due_at = vouching.vouch(recovery, server, by.actor)
        entry.data["due_at"] = due_at.isoformat(timespec="seconds")
        entry.private["administrator"] = recovery.person.username
        vouching.tell(recovery, Kind.RECOVERY_BEGUN, due_at=wording.utc(due_at))


def call_off_recovery(recovery: Recovery, server: Server, *, by: Authority) -> None:
    """End a recovery before it is done, as the account itself or anyone who administers with it."""
    with recording(Action.RECOVERY_CALLED_OFF, by=by, server=server) as entry:
        vouching.call_off(recovery, server)
        entry.also += vouching.servers_of(recovery.person)
        entry.private["administrator"] = recovery.person.username
        vouching.tell(recovery, Kind.RECOVERY_CALLED_OFF)


def finish_recovery(
    recovery: Recovery, server: Server, new: NewWayIn, *, by: Authority
) -> list[str]:
    """Give the account its new password and second factor; returns the new recovery codes.

    `by` stands on the power of whoever vouched: when that ended meanwhile, this is refused.
    """
    with recording(Action.ADMINISTRATOR_RECOVERED, by=by, server=server) as entry:
        codes = recovery.finish(new)
        entry.also += vouching.servers_of(recovery.person)
        entry.private["administrator"] = recovery.person.username
        vouching.tell(recovery, Kind.RECOVERY_DONE)
    return codes


def rename_server(server: Server, name: str, *, by: Authority) -> None:
    """Give the server another name. Its address and everything in it stay as they are."""
    with recording(Action.SERVER_RENAMED, by=by, server=server) as entry:
        entry.private["from"] = server.name or ""
        entry.private["to"] = name
        server.name = name
        server.save(update_fields=["name"])
