"""People who sign in to the panel. What proves that it is them is in `factors`."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import IntegrityError, models, transaction
from django.db.models import F, ForeignObjectRel, Q
from django.utils.crypto import salted_hmac

from accounts import usernames
from accounts.addresses import NewAddress
from accounts.browsers import KnownBrowser
from accounts.confirmations import Confirmation
from accounts.factors import EncryptedTOTPDevice, RecoveryCode, RecoveryDevice
from accounts.mail import Letter, Mail
from accounts.notices import Notice
from accounts.operators import Operator
from accounts.proposals import Proposal
from accounts.recovery import Recovery
from accounts.sessions import Session
from audit.authority import Authority
from audit.vocabulary import Capacity
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.vault import PLATFORM

__all__ = [
    "Account",
    "Challenge",
    "Confirmation",
    "EncryptedTOTPDevice",
    "KnownBrowser",
    "Mail",
    "NewAddress",
    "Notice",
    "Operator",
    "Passkey",
    "Proposal",
    "Recovery",
    "RecoveryCode",
    "RecoveryDevice",
    "Session",
    "UsernameTaken",
]


CLOSED = "Closed account"
FAREWELL = Letter(
    "Your account was closed",
    "It was closed with its own password and second factor. This address is forgotten with it.",
    "Enigm Command",
    "/",
)


class UsernameTaken(Exception):
    """Somebody has this username, perhaps in another spelling."""


class AccountManager(BaseUserManager["Account"]):
    """How accounts come about and how they are found."""

    def create_user(self, username: str, password: str) -> "Account":
        """A new account; UsernameTaken when a spelling of this name is somebody's already."""
        usernames.validate(username)
        account = self.model(username=username, canonical=usernames.canonical(username))
        if self.filter(canonical=usernames.retired(account.canonical)).exists():
            raise UsernameTaken  # by somebody who left: what they did must not look like another's
        account.set_password(password)
        try:
            with transaction.atomic():
                account.save()
        except IntegrityError as twin:
            raise UsernameTaken from twin
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        """The account that signs in by this name, however it is spelled."""
        return self.get(canonical=usernames.canonical(username or ""))


class Account(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of untyped django_otp
    """Somebody who signs in to the panel. An account alone is no power over any server."""

    last_login = None  # nobody needs to know when someone was here

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(max_length=usernames.MOST)  # as it was typed
    canonical = models.CharField(max_length=usernames.MOST, unique=True)
    email = SealedText(scope=PLATFORM, null=True)
    auth_epoch = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=ClockNow())
    closed_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "canonical"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="account_closed_keeps_nothing",
                condition=Q(closed_at__isnull=True) | Q(is_active=False, email__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.username

    def lock(self) -> None:
        """Let nobody else change what proves this account until the transaction ends."""
        Account.objects.select_for_update(no_key=True).get(pk=self.pk)

    @property
    def is_operator(self) -> bool:
        """Does this account run the platform? Asked anew each time: power is a row."""
        return Operator.objects.filter(account=self).exists()

    @property
    def authority(self) -> Authority:
        """What somebody acts with who acts on nothing but their own account."""
        return Authority(Capacity.ACCOUNT, actor=self.pk, server_id=PLATFORM, warrant=self)

    def close(self) -> None:
        """Erase what is held of this person. The row stays: what they did has been done by someone.

        Whatever would go with the row goes: factors, sessions, notices and all else of theirs.
        """
        if self.email:
            Mail.objects.post(self.email, FAREWELL)
        self.username, self.canonical = CLOSED, usernames.retired(self.canonical)
        self.email, self.is_active, self.closed_at = None, False, clock.now()
        self.set_unusable_password()
        self.save()
        self.end_sessions()
        for relation in self._meta.get_fields(include_hidden=True):
            if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.CASCADE:
                theirs = relation.field.model._default_manager
                theirs.filter(**{relation.field.name: self}).delete()

    def end_sessions(self) -> None:
        """End every session of this account at its next request."""
        Account.objects.filter(pk=self.pk).update(auth_epoch=F("auth_epoch") + 1)
        self.refresh_from_db(fields=["auth_epoch"])

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What a session repeats at every request. Django's own knows the password alone."""
        standing = f"{self.auth_epoch}:{self.password}"
        return salted_hmac(
            "accounts.session", standing, secret=secret, algorithm="sha256"
        ).hexdigest()


# Last: while it is loaded, the library of passkeys asks which model the accounts are.
from accounts.passkeys import Challenge, Passkey  # noqa: E402
