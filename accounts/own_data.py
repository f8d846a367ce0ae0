"""What is held of an account, for the person whose it is. What proves an account is left out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from accounts import sessions
from accounts.models import Account, EncryptedTOTPDevice, NewAddress, Proposal, RecoveryDevice


def held(account: Account) -> dict[str, Any]:
    """All of it, as JSON can say it."""
    proposals = Proposal.objects.filter(Q(proposed_by=account) | Q(answered_by=account))
    return {
        "account": {
            **facts_of(account, "id", "username", "email", "joined_at"),
            "is_operator": account.is_operator,
            "known_browsers": account.known_browsers.count(),
        },
        "address_to_be_confirmed": told(
            NewAddress.objects.filter(account=account), "address", "asked_at"
        ),
        "authenticator_apps": told(
            EncryptedTOTPDevice.objects.filter(user=account), "name", "made_at", "confirmed"
        ),
        "passkeys": told(account.passkey_set.all(), "name", "made_at", "last_used_at"),
        "recovery_codes": [
            {"made_at": plain(device.made_at), "left": device.codes.count()}
            for device in RecoveryDevice.objects.filter(user=account)
        ],
        "sessions": told(sessions.of(account), "browser", "factor", "began_at", "seen_at"),
        "notices": told(account.notices.all(), "at", "heading", "line", "read_at"),
        "recoveries": told(
            account.recoveries.all(), "begun_at", "vouched_at", "called_off_at", "done_at"
        ),
        "proposals": told(proposals, "kind", "server_id", "proposed_at", "answer", "answered_at"),
    }


def told(rows: Iterable[Model], *names: str) -> list[dict[str, Any]]:
    """Some attributes of each row."""
    return [facts_of(row, *names) for row in rows]


def facts_of(row: Model, *names: str) -> dict[str, Any]:
    """Some attributes of one row, by their names."""
    return {name: plain(getattr(row, name)) for name in names}


def plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601, ids as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
