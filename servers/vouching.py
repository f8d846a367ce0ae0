"""An administrator who lost every way to sign in comes back when another one vouches for them.

What must never happen: somebody vouches for themselves, for somebody they do not administer a
server with, or after their own power has ended; or those concerned do not hear of it. What prevents
it: who can be vouched for is asked in the act itself; a recovery is finished by the standing power
of whoever vouched; and every administrator of every server concerned is told in the same act.
Operators have no part in it: they neither vouch nor come back this way.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from accounts.models import Account, Notice, Operator, Recovery
from accounts.notices import Kind
from accounts.proposals import NotOpen
from accounts.recovery import RecoveryQuerySet
from audit.authority import Authority
from servers.edge import authority_of
from servers.models import Administrator, Server, Standing


def asking(server: Server, voucher: UUID) -> RecoveryQuerySet:
    """The recoveries of this server's other administrators for which this account may vouch."""
    if Operator.objects.filter(account=voucher).exists():
        return Recovery.objects.none()
    fellows = Recovery.objects.waiting().filter(
        account__administrations__server=server, account__is_active=True, account__operator=None
    )
    return fellows.exclude(account=voucher).select_related("account")


def concerning(server: Server) -> RecoveryQuerySet:
    """The recoveries of this server's administrators that somebody vouched for."""
    vouched = Recovery.objects.filter(vouched_at__isnull=False)
    theirs = vouched.filter(account__administrations__server=server)
    return theirs.select_related("account")


def vouch(recovery: Recovery, server: Server, voucher: UUID | None) -> datetime:
    """Begin the delay and return its end.

    NotOpen when another was first, or it is not this account's to say.
    """
    assert voucher is not None, "whoever administers a server has an account"
    if not asking(server, voucher).filter(pk=recovery.pk).exists():
        raise NotOpen
    return Recovery.objects.vouch(recovery, server.pk, Account.objects.get(pk=voucher))


def call_off(recovery: Recovery, server: Server) -> None:
    """End it; NotOpen when there is nothing of this server's administrators to end."""
    if not concerning(server).filter(pk=recovery.pk).exists():
        raise NotOpen
    Recovery.objects.call_off(recovery)


def authority_to_finish(recovery: Recovery) -> Authority | None:
    """What a recovered person acts with: their own power, standing on that of whoever vouched.

    None when either has ended.
    """
    if recovery.server_id is None or recovery.voucher_id is None:
        return None
    powers = Administrator.objects.filter(server_id=recovery.server_id)
    held = {power.account_id: power for power in powers.select_related("server")}
    own, vouched = held.get(recovery.person.pk), held.get(recovery.voucher_id)
    if own is None or vouched is None or own.server.is_deleted or not recovery.person.is_active:
        return None
    return replace(authority_of(own, recovery.person.username), warrant=vouched)


def server_of(recovery: Recovery) -> Server:
    """The one on which somebody vouched."""
    assert recovery.server_id is not None, "nobody has vouched"
    return Server.objects.get(pk=recovery.server_id)


def servers_of(account: Account) -> list[Server]:
    """The servers whose logs and administrators are concerned."""
    return list(Server.objects.for_account(account).ready().exclude(standing=Standing.DELETED))


def tell(recovery: Recovery, kind: Kind, **facts: str) -> None:
    """Tell the account, and once each everyone who administers one of its servers."""
    concerned = Administrator.objects.filter(server__in=servers_of(recovery.person))
    where = {power.account: power.server_id for power in concerned.select_related("account")}
    for account, server_id in where.items():
        Notice.objects.tell([account], kind, server_id=server_id, **facts)
