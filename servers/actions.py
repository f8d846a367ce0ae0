"""Acts on a server itself. What begins, holds back or ends one stands in `lifecycle.actions`."""

from accounts.models import Account, Notice, Recovery
from accounts.notices import Kind
from accounts.recovery import NewWayIn
from audit import erasure
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib import wording
from servers import ownership, vouching
from servers.closing import StillNeeded, Ties
from servers.edge import power_of
from servers.models import Administrator, Invitation, PolicyBound, Server


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


def export_log(server: Server | None, *, by: Authority) -> None:
    """Let a whole log be taken away. That it was stands in the log, as its newest entry.

    `server` None is the platform's own.
    """
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
        entry.ends_warrant = ownership.remove(administrator)


def remove_administrator(administrator: Administrator, *, by: Authority) -> None:
    """End a fellow administrator's power at their next request. What they did stays on record."""
    server = administrator.server
    with recording(Action.ADMINISTRATOR_REMOVED, by=by, server=server) as entry:
        if not ownership.remove(administrator):
            raise Administrator.DoesNotExist
        entry.private["administrator"] = administrator.account.username
        Notice.objects.tell([administrator.account], Kind.ADMINISTRATION_ENDED)
        ownership.tell(server, Kind.ADMINISTRATOR_REMOVED)


def invite_administrator(server: Server, label: str, *, by: Authority) -> str:
    """Make a link by which one person becomes an administrator; returns its code, shown once."""
    with recording(Action.ADMINISTRATOR_INVITED, by=by, server=server) as entry:
        capacity = Invitation.Capacity.ADMINISTRATOR
        invitation, code = Invitation.objects.invite(power_of(by), capacity, label)
        entry.data["invitation"] = str(invitation.pk)
        entry.private["invited"] = label
        ownership.tell(server, Kind.ADMINISTRATOR_INVITED)
    return code


def invite_owner(server: Server, label: str, *, by: Authority) -> str:
    """Make a link by which one person becomes the owner. Until they accept, nothing changes."""
    with recording(Action.OWNER_INVITED, by=by, server=server) as entry:
        capacity = Invitation.Capacity.OWNER
        invitation, code = Invitation.objects.invite(power_of(by), capacity, label)
        entry.data["invitation"] = str(invitation.pk)
        entry.private["invited"] = label
        ownership.tell(server, Kind.OWNERSHIP_OFFERED)
    return code


def withdraw_invitation(invitation: Invitation, *, by: Authority) -> None:
    """Let a link open nothing from now on, whoever made it. NotOpen when it was answered."""
    with recording(Action.INVITATION_WITHDRAWN, by=by, server=invitation.server) as entry:
        Invitation.objects.end(invitation.pk, Invitation.Answer.WITHDRAWN)
        entry.data["invitation"] = str(invitation.pk)


def decline_invitation(invitation: Invitation, *, by: Authority) -> None:
    """Say no to an invitation. Its link opens nothing any more."""
    with recording(Action.INVITATION_DECLINED, by=by, server=invitation.server) as entry:
        Invitation.objects.end(invitation.pk, Invitation.Answer.DECLINED)
        entry.data["invitation"] = str(invitation.pk)


def accept_invitation(invitation: Invitation, *, by: Authority) -> None:
    """Become an administrator, by the standing power of whoever invited."""
    with recording(Action.ADMINISTRATOR_ADDED, by=by, server=invitation.server) as entry:
        ownership.accept(invitation, by.actor)
        entry.data["invitation"] = str(invitation.pk)
        entry.private["invited"] = invitation.label
        ownership.tell(invitation.server, Kind.ADMINISTRATOR_ADDED)


def accept_owner_invitation(invitation: Invitation, *, by: Authority) -> None:
    """Become the owner, by the standing power of the one before, who stays an administrator."""
    with recording(Action.SERVER_HANDED_OVER, by=by, server=invitation.server) as entry:
        entry.private["owner_before"] = invitation.server.owner.username
        ownership.accept(invitation, by.actor)
        entry.ends_warrant = True  # the inviter's power as the owner
        entry.data["invitation"] = str(invitation.pk)
        ownership.tell(invitation.server, Kind.SERVER_HANDED_OVER)


def offer_ownership(heir: Administrator, *, by: Authority) -> None:
    """Ask a fellow administrator to take the server over. Nothing changes until they do."""
    with recording(Action.OWNERSHIP_OFFERED, by=by, server=heir.server) as entry:
        ownership.offer(heir.server, heir, power_of(by))
        entry.private["administrator"] = heir.account.username
        ownership.tell(heir.server, Kind.OWNERSHIP_OFFERED)


def accept_ownership(server: Server, *, by: Authority) -> None:
    """Take the server over from its owner, who offered it and stays an administrator."""
    with recording(Action.SERVER_HANDED_OVER, by=by, server=server) as entry:
        entry.private["owner_before"] = server.owner.username
        ownership.take(server, power_of(by))
        ownership.tell(server, Kind.SERVER_HANDED_OVER)


def decline_ownership(server: Server, *, by: Authority) -> None:
    """Leave the server with its owner, who offered it."""
    with recording(Action.OWNERSHIP_DECLINED, by=by, server=server):
        ownership.decline(server, power_of(by))


def withdraw_ownership(server: Server, *, by: Authority) -> None:
    """Take the offer back, as the owner. NotOpen when it was answered."""
    with recording(Action.OWNERSHIP_WITHDRAWN, by=by, server=server):
        ownership.withdraw(server)


def rotate_server_id(server: Server, *, by: Authority) -> str:
    """Replace the Server ID: the old one finds nothing from now on, and is never given out again.

    Join requests that wait go on waiting, and whoever is in stays in.
    """
    with recording(Action.SERVER_ID_ROTATED, by=by, server=server):
        new = Server.objects.rotate(server)
        ownership.tell(server, Kind.SERVER_ID_ROTATED)
    return new


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


def set_policy_bound(bound: PolicyBound, *, by: Authority) -> None:
    """Say how far every server may go in one setting. What is in force there stays as it is."""
    with recording(Action.POLICY_BOUND_SET, by=by, server=None) as entry:
        bound.save()
        entry.data |= {"setting": bound.setting, "locked": bound.locked}
        entry.data |= {"default": bound.default, "least": bound.least, "most": bound.most}


def rename_server(server: Server, name: str, *, by: Authority) -> None:
    """Give the server another name. Its address and everything in it stay as they are."""
    with recording(Action.SERVER_RENAMED, by=by, server=server) as entry:
        entry.private["from"] = server.name or ""
        entry.private["to"] = name
        server.name = name
        server.save(update_fields=["name"])
