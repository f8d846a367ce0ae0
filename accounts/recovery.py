"""Ways back in: for a lost password a recovery code, for everything lost another administrator.

What must never happen: a new password does away with the second factor; whoever asks gets in faster
than the account can object; or an answer tells whether somebody has an account. What prevents it: a
recovery code sets a password and signs nobody in; who lost everything waits three days after
somebody vouched, which a trigger holds by the database's clock, while all concerned are told and
any of them can call it off; and a name that nobody has begins a recovery like any other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django_otp import verify_token

from accounts import usernames
from accounts.factors import EncryptedTOTPDevice, RecoveryDevice
from accounts.notices import Kind, Notice
from accounts.proposals import NotOpen, Proposal
from enigm_command.lib import clock, vault
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.typed import Code

if TYPE_CHECKING:
    from accounts.models import Account

VOUCHING = "vouching"  # what is proposed to the other administrators
KEY = Code("recovery key", length=28, prefix="REC")  # 140 random bits
SPOKEN = Code("spoken code", length=8)  # 40, good only at a fellow administrator's page
WAITS = timedelta(days=3)  # for somebody to vouch
DELAY = timedelta(hours=72)  # from vouching to the new password
LASTS = timedelta(days=7)  # for setting it


@dataclass(frozen=True, slots=True)
class NewWayIn:
    """What a recovered account is opened with: a password, and an authenticator's seed and code."""

    password: str
    seed: str
    code: str


class NotDue(Exception):
    """It waits still, was called off, was used, or has ended."""


def reset_password(device: RecoveryDevice, code: str, password: str) -> bool:
    """Set a new password for whoever has one of these recovery codes; False when it was used up.

    The other codes go with it: one piece of paper is never both password and second factor.
    """
    account, hashed = device.user, make_password(password)
    with transaction.atomic():
        account.lock()
        if not account.is_active or not verify_token(account, device.persistent_id, code):
            return False
        get_user_model().objects.filter(pk=account.pk).update(password=hashed)
        device.codes.all().delete()
        account.end_sessions()
        Notice.objects.tell([account], Kind.RECOVERY_CODE_USED, left=0)
        Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    return True


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def begin(self, username: str) -> tuple[str, str]:
        """Begin for a name, whether somebody has it or not: the key to come back with, and the
        code to tell a fellow administrator. Both can be read only now.

        One row is all that is written, for every name, so that the time tells nothing either.
        """
        key, spoken, name = KEY.make(), SPOKEN.make(), usernames.canonical(username)
        self.create(
            account=get_user_model().objects.filter(canonical=name, is_active=True).first(),
            key_digest=digest_of(KEY, key),
            spoken_digest=digest_of(SPOKEN, spoken),
        )
        return key, spoken

    def waiting(self) -> Self:
        """Those that nobody has vouched for yet, and still may."""
        return self.filter(vouched_at=None, begun_at__gt=ClockNow() - WAITS)

    def running(self) -> Self:
        """Vouched for, and neither done, called off nor over."""
        open_still = self.filter(called_off_at=None, done_at=None)
        return open_still.filter(due_at__gt=ClockNow() - LASTS)

    def due(self) -> Self:
        """Those whose delay is behind them."""
        return self.running().filter(due_at__lte=ClockNow())

    @transaction.atomic
    def forget(self) -> None:
        """Delete those that can come to nothing any more; what was done stands in the logs."""
        never_vouched = Q(vouched_at=None, begun_at__lte=ClockNow() - WAITS)
        over = list(self.filter(never_vouched | Q(due_at__lte=ClockNow() - LASTS)))
        self.filter(pk__in=[recovery.pk for recovery in over]).delete()
        Proposal.objects.filter(pk__in=[recovery.proposal_id for recovery in over]).delete()

    def with_key(self, key: str) -> "Recovery | None":
        """The one that this recovery key belongs to, while it can come to something."""
        alive = self.waiting() | self.running()
        return alive.filter(key_digest=digest_of(KEY, key)).select_related("account").first()

    def called(self, spoken: str) -> Self:
        """Those that go by this spoken code."""
        return self.filter(spoken_digest=digest_of(SPOKEN, spoken))

    def vouch(self, recovery: "Recovery", server_id: UUID, account: "Account") -> datetime:
        """Begin the delay, as the second person. Returns its end.

        NotOpen when it is not theirs to say, or another was first, or it is too late.
        """
        proposal = propose(recovery, server_id)
        Proposal.objects.agree(proposal.pk, account, VOUCHING, str(recovery.pk))
        vouched = {"vouched_at": Now(), "due_at": Now() + DELAY, "server_id": server_id}
        if not self.waiting().filter(pk=recovery.pk).update(proposal=proposal, **vouched):
            raise NotOpen
        due_at: datetime = self.values_list("due_at", flat=True).get(pk=recovery.pk)
        return due_at

    def call_off(self, recovery: "Recovery") -> None:
        """End it for good; NotOpen when it has ended already."""
        if not self.running().filter(pk=recovery.pk).update(called_off_at=ClockNow()):
            raise NotOpen


class Recovery(models.Model):
    """Somebody says that they lost every way to sign in. Without an account, nobody has the name.

    `server_id` is the server on which another administrator vouched for them.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="recoveries"
    )
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, null=True, related_name="+")
    key_digest = models.BinaryField(max_length=16, unique=True)
    spoken_digest = models.BinaryField(max_length=16, db_index=True)
    begun_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    server_id = models.UUIDField(null=True)
    vouched_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[RecoveryQuerySet] = RecoveryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="recovery_waits_three_days",
                condition=Q(vouched_at=None, due_at=None, server_id=None)
                | Q(
                    due_at=F("vouched_at") + DELAY,
                    vouched_at__isnull=False,
                    server_id__isnull=False,
                    account__isnull=False,
                    proposal__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="recovery_is_done_when_due",
                condition=Q(done_at=None)
                | Q(done_at__gte=F("due_at"), due_at__isnull=False, called_off_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"recovery {self.pk}"

    @property
    def person(self) -> "Account":
        """Whose it is, once anybody has vouched or may."""
        assert self.account is not None, "nobody has this name"
        return self.account

    @property
    def voucher_id(self) -> UUID | None:
        """Who vouched."""
        return self.proposal.answered_by_id if self.proposal else None

    @property
    def is_due(self) -> bool:
        """Is the delay behind it?"""
        return self.due_at is not None and self.due_at <= clock.now()

    def finish(self, new: NewWayIn) -> list[str]:
        """Give the account a new password and a new authenticator in place of all it had, and end
        every other recovery of it.

        Returns its new recovery codes. NotDue for all but one caller, and for the one who comes
        too early; CodeRefused when the seed is not in an app.
        """
        if not Recovery.objects.due().filter(pk=self.pk).update(done_at=ClockNow()):
            raise NotDue
        others = Recovery.objects.running().filter(account=self.account_id)
        others.update(called_off_at=ClockNow())
        account = get_user_model().objects.get(pk=self.person.pk)
        account.set_password(new.password)
        account.save(update_fields=["password"])
        return EncryptedTOTPDevice.objects.prove(account, new.seed, new.code).replace_all()


def digest_of(kind: Code, text: str) -> bytes:
    """What is kept of a code: keyed, so that a copy of the table opens nothing."""
    return vault.index(vault.PLATFORM, f"{kind.name}|{text}")


def propose(recovery: "Recovery", server_id: UUID) -> Proposal:
    """What the person proposes to their fellows on this server: to be vouched for."""
    return Proposal.objects.propose(
        VOUCHING, str(recovery.pk), by=recovery.person, server_id=server_id, lasts=WAITS
    )
