"""Sessions: how long they last, where they are listed, and how each of them is ended.

What must never happen: a copy of the table signs somebody in, a session outlives its limits, or one
that was ended comes back. What prevents it: of the key only a digest is kept, and the contents are
sealed; the limits are asked of the database's clock at every request; a session is one row, from
sign-in to its end, whatever keys it has in between, and to write it is to find it still there.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, update_session_auth_hash
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, SessionBase, UpdateError
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, get_random_string

from accounts.browsers import KnownBrowser
from enigm_command.lib.clock import ClockNow, ThisMinute
from enigm_command.lib.fields import UNREADABLE, SealedText
from enigm_command.lib.http import wants_json
from enigm_command.lib.question import Rows
from enigm_command.lib.vault import PLATFORM

if TYPE_CHECKING:
    from accounts.models import Account

BROWSER, FACTOR = "browser", "factor"  # what a session says of itself in its list
OFTEN = timedelta(minutes=1)  # a use is noted no more often than this


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: unused, and at all."""

    idle: timedelta
    absolute: timedelta

    @property
    def hold(self) -> Q:
        """Neither has run out, by the database's clock."""
        now = ClockNow()
        return Q(seen_at__gt=now - self.idle, began_at__gt=now - self.absolute)

    def are_kept_by(self, session: "Session", at: datetime) -> bool:
        """The same of one session that was read at this moment."""
        return at - session.seen_at < self.idle and at - session.began_at < self.absolute


LIMITS = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
OPERATOR_LIMITS = Limits(idle=timedelta(minutes=15), absolute=timedelta(hours=4))


class SessionQuerySet(models.QuerySet["Session"]):
    def under(self, key: str | None) -> "SessionQuerySet":
        """The one that this key opens."""
        return self.filter(digest=digest_of(key or ""))

    def alive(self) -> "SessionQuerySet":
        """Those within their limits. An operator's are shorter, from the day they are one."""
        is_nobodys_or_anybodys = Q(account__operator__isnull=True)
        return self.filter(LIMITS.hold, is_nobodys_or_anybodys | OPERATOR_LIMITS.hold)

    def over(self) -> "SessionQuerySet":
        """Those that no key opens any more."""
        return self.exclude(pk__in=Session.objects.alive().values("pk"))


class Session(models.Model):
    """Somebody's way in. It is an account's once the password was right, until then nobody's."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    contents = SealedText(scope=PLATFORM)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )
    began_at = models.DateTimeField(db_default=ClockNow())
    seen_at = models.DateTimeField(db_default=ThisMinute())

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def limits(self) -> Limits:
        """How long it lasts, of one that was read with its account and whether they operate."""
        return OPERATOR_LIMITS if hasattr(self.account, "operator") else LIMITS

    @property
    def said(self) -> dict[str, Any]:
        """The contents; nothing when they were changed, or moved here from another row."""
        said: dict[str, Any] = {} if self.contents == UNREADABLE else json.loads(self.contents)
        return said

    @property
    def browser(self) -> str:
        """From what it was begun, no finer than "Firefox on Linux"."""
        return str(self.said.get(BROWSER, ""))

    @property
    def factor(self) -> str:
        """The second factor that opened the panel; empty as long as there was none."""
        return str(self.said.get(FACTOR, ""))


KNOWN: Rows[Any] = Rows(
    lambda digest: (
        Session.objects.filter(digest=digest)
        .select_related("account__operator")
        .annotate(at=ClockNow())
    )
)


class SessionStore(SessionBase):
    """What Django calls a session. A new key takes effect when the answer that tells it is sent."""

    row: Session | None = None
    is_unnoted = False  # its last use was noted long enough ago to be noted again

    def load(self) -> dict[str, Any]:
        """The contents; empty when the session is over or unknown. Its account is read with it."""
        row = next(iter(KNOWN.find(digest=digest_of(self.session_key or ""))), None)
        if row is None or not row.limits.are_kept_by(row, row.at):
            self._session_key = None
            return {}
        self.row, self.is_unnoted = row, row.at - row.seen_at > OFTEN
        return dict(row.said)

    def exists(self, session_key: str) -> bool:
        """Whether this key is in use."""
        return Session.objects.under(session_key).exists()

    def create(self) -> None:
        """Begin a new session, with what is in this one so far."""
        self._session_key = new_key()
        self.row = Session()
        self._describe(self.row)
        self.row.save(force_insert=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Keep the contents, under the key of now. UpdateError if the session was ended."""
        self.keys()  # loads what was not asked for yet
        if must_create or self.row is None:
            self.create()
        else:
            self._write(self.row)

    def cycle_key(self) -> None:
        """The same session under a new key: the one before opens nothing more."""
        self.keys()  # loads it, by the key so far
        self._session_key = new_key()
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        """End the session: no key opens it any more."""
        Session.objects.under(session_key or self.session_key).delete()
        self.row = None

    @classmethod
    def clear_expired(cls) -> None:
        """Forget what is over."""
        Session.objects.over().delete()

    @transaction.atomic
    def _write(self, row: Session) -> None:
        """Whoever holds an earlier key, or a session that is gone, changes nothing."""
        mine = Session.objects.filter(pk=row.pk, digest=row.digest)
        if not mine.update(digest=digest_of(self.session_key or "")):
            raise UpdateError
        self._describe(row)
        row.save(update_fields=["digest", "contents", "account"])

    def _describe(self, row: Session) -> None:
        contents = dict(self.items())
        owner = contents.get(SESSION_KEY)
        row.digest = digest_of(self.session_key or "")
        row.account_id = UUID(owner) if owner else None
        row.contents = json.dumps(contents)


def new_key() -> str:
    """At random, as Django makes them: 165 bits."""
    return get_random_string(32, VALID_KEY_CHARS)


def digest_of(key: str) -> bytes:
    """Under which name a session is stored."""
    return sha256(key.encode()).digest()


def account_of(request: HttpRequest) -> "Account | AnonymousUser":
    """Who signed in, as read in one question with the session; nobody once that was ended."""
    session: SessionStore = request.session  # type: ignore[assignment]
    named, mark = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY, "")
    account = session.row.account if session.row else None
    if account is None or str(account.pk) != named or not account.is_active:
        return AnonymousUser()
    if constant_time_compare(mark, account.get_session_auth_hash()):
        return account
    session.flush()
    return AnonymousUser()


def touch(request: HttpRequest) -> None:
    """Note that the session is in use. A page that asks for news by itself is nobody's use."""
    session: SessionStore = request.session  # type: ignore[assignment]
    if session.row and session.is_unnoted and not (wants_json(request) and request.method == "GET"):
        Session.objects.filter(pk=session.row.pk).update(seen_at=ThisMinute())


def limits_of(account: "Account") -> Limits:
    """How long this account's sessions last."""
    return OPERATOR_LIMITS if account.is_operator else LIMITS


def of(account: "Account") -> list[Session]:
    """Where this account is signed in, the newest first."""
    good = account.get_session_auth_hash()
    alive = account.sessions.alive().order_by("-began_at")
    return [session for session in alive if session.said.get(HASH_SESSION_KEY) == good]


def end(pk: UUID, account: "Account") -> bool:
    """End one session of this account; False when it was over already."""
    ended, _ = account.sessions.filter(pk=pk).delete()
    return bool(ended)


@transaction.atomic
def end_all(account: "Account") -> None:
    """Sign the account out everywhere: no session of before opens anything at its next request."""
    account.end_sessions()
    account.sessions.all().delete()


@transaction.atomic
def end_others(request: HttpRequest) -> None:
    """Sign out everywhere but here; here goes on under a new key, in case the old was copied.

    From now on every other browser is a new one.
    """
    account: Account = request.user  # type: ignore[assignment]  # signed in
    here: Session = request.session.row  # type: ignore[attr-defined]  # of a SessionStore
    account.end_sessions()
    account.sessions.exclude(pk=here.pk).delete()
    account.known_browsers.all().delete()
    KnownBrowser.objects.learn(account, here.browser)
    update_session_auth_hash(request, account)
