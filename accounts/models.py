"""People who sign in to the panel. What proves that it is them is in `factors`."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts import usernames
from accounts.factors import EncryptedTOTPDevice, RecoveryCode, RecoveryDevice
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.vault import PLATFORM

__all__ = ["Account", "EncryptedTOTPDevice", "RecoveryCode", "RecoveryDevice", "UsernameTaken"]


class UsernameTaken(Exception):
    """Somebody has this username, perhaps in another spelling."""


class AccountManager(BaseUserManager["Account"]):
    """How accounts come about and how they are found."""

    def create_user(self, username: str, password: str, email: str | None = None) -> "Account":
        """A new account; UsernameTaken when a spelling of this name is somebody's already."""
        usernames.validate(username)
        account = self.model(username=username, email=email or None)
        account.canonical = usernames.canonical(username)
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

    USERNAME_FIELD = "canonical"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[AccountManager] = AccountManager()

    def __str__(self) -> str:
        return self.username

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
