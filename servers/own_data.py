"""Everything that is held of an account, from the account itself up to what it did on servers."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts import own_data
from accounts.models import Account
from accounts.own_data import facts_of, plain
from audit import private
from audit.models import AuditEvent, AuditPrivate
from enigm_command.lib.vault import PLATFORM

PURCHASE = (
    "id", "name", "region", "seats", "total_cents", "tax_cents", "currency", "terms_version",
    "state", "provider", "reference", "made_at", "paid_at", "ended_at", "stopped_at",
)  # fmt: skip


def held(account: Account) -> dict[str, Any]:
    """All of it, as JSON can say it. Content and members are no account's, so none are here."""
    powers = list(account.administrations.select_related("server").order_by("since"))
    servers = [power.server_id for power in powers]
    return {
        **own_data.held(account),
        "servers": [
            {
                **facts_of(power.server, "id", "locator", "shown_name", "region"),
                "since": plain(power.since),
                "first_steps_hidden_at": plain(power.first_steps_hidden_at),
                "is_owner": power.server.owner_id == account.pk,
            }
            for power in powers
        ],
        "acceptances": [
            facts_of(taken, "version", "accepted_at")
            for taken in account.acceptances.order_by("accepted_at")
        ],
        "purchases": [
            {**facts_of(purchase, *PURCHASE), "plan": purchase.plan_id}
            for purchase in account.purchases.order_by("made_at")
        ],
        "log_entries": [entry for log in (PLATFORM, *servers) for entry in _acts(log, account)],
    }


def _acts(stream: UUID, account: Account) -> Iterable[dict[str, Any]]:
    """What one log says that this account did."""
    mark = private.mark(stream, "actor", account.username)
    named = AuditPrivate.objects.filter(stream_id=stream, field="actor", mark=mark).values("seq")
    for event in AuditEvent.objects.filter(stream_id=stream, seq__in=named).order_by("seq"):
        told = {"entry": event.seq, "at": plain(event.at), "what": event.sentence}
        yield {"server": None if stream == PLATFORM else str(stream), **told}
