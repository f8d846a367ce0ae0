"""How often somebody may guess at a password or a code: from one network, and from all together.

What must never happen: guessing goes on for long, or somebody's guesses keep the right person out.
What prevents it: a network is stopped first, so that a guesser fills a bucket of their own; when
many networks fill the account's, a passkey and a recovery code still open it. What was typed is
counted, whether anybody has that name or not.
"""

from django.http import HttpRequest

from accounts import usernames
from accounts.factors import RecoveryDevice
from accounts.models import Account, Notice
from accounts.notices import Kind
from enigm_command.lib import throttle
from enigm_command.lib.http import network
from enigm_command.lib.throttle import TooMany


def password(request: HttpRequest, username: str) -> None:
    """Count a guess at this name's password, or raise TooMany."""
    name, here = usernames.canonical(username), network(request)
    throttle.hit("sign-in-network", here)
    throttle.hit("sign-in", name, here)
    try:
        throttle.hit("sign-in-account", name)
    except TooMany:
        _tell(name)
        raise


def password_was_right(request: HttpRequest, username: str) -> None:
    """It was no guess: this network may sign in to this name again as often."""
    throttle.forget("sign-in", usernames.canonical(username), network(request))


def code(request: HttpRequest) -> None:
    """Count a guess at a code of the signed-in account, whose password was right."""
    account: Account = request.user  # type: ignore[assignment]  # signed in
    throttle.hit("code", str(account.pk), network(request))
    try:
        throttle.hit("code-account", str(account.pk))
    except TooMany:
        _tell(account.canonical)
        raise


def code_was_right(request: HttpRequest) -> None:
    """It was no guess."""
    throttle.forget("code", str(request.user.pk), network(request))


def recovery_code(request: HttpRequest, device: RecoveryDevice | None) -> None:
    """Count a wrong code against the network. Whoever has a right one guesses at the password."""
    throttle.hit("recovery-code", str(device.user_id) if device else network(request))


def recovery_code_was_right(device: RecoveryDevice) -> None:
    """It was no guess."""
    throttle.forget("recovery-code", str(device.user_id))


def _tell(name: str) -> None:
    """Once a day: the person, if there is one, should know that somebody keeps trying."""
    try:
        throttle.hit("sign-in-told", name)
    except TooMany:
        return
    Notice.objects.tell(Account.objects.filter(canonical=name), Kind.SIGN_IN_FAILED_OFTEN)
