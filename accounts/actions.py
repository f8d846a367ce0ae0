"""Acts on accounts. Each stands in the platform's own log."""

from accounts.models import Account, Operator
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action


def add_operator(username: str, password: str, *, seed: str, code: str, by: Authority) -> Operator:
    """Let a new account run the platform, with the authenticator app that showed `code`.

    Raises CodeRefused and UsernameTaken; nothing of the account is left then.
    """
    with recording(Action.OPERATOR_ADDED, by=by, server=None) as entry:
        account = Account.objects.create_user(username, password)
        operator = Operator.objects.appoint(account, seed, code)
        entry.private["operator"] = account.username
    return operator


def remove_operator(operator: Operator, *, by: Authority) -> None:
    """Take the power over the platform away, and end what the account is signed in to."""
    with recording(Action.OPERATOR_REMOVED, by=by, server=None) as entry:
        entry.private["operator"] = operator.account.username
        if not Operator.objects.filter(pk=operator.pk).delete()[0]:
            raise Operator.DoesNotExist
        operator.account.end_sessions()
