"""Acts on accounts. Each stands in the platform's own log."""

from accounts import sessions
from accounts.models import Account, Notice, Operator
from accounts.notices import Kind
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


def end_account_sessions(account: Account, reference: str, *, by: Authority) -> None:
    """Sign somebody out everywhere, for a case that has this reference. They are told."""
    with recording(Action.SESSIONS_ENDED, by=by, server=None) as entry:
        sessions.end_all(account)
        entry.private |= {"account": account.username, "reference": reference}
        Notice.objects.tell([account], Kind.SESSIONS_ENDED)
