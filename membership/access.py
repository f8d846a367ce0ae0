"""May this bearer do this here, now? The one door of every content route, asked on every request.

Five conditions, none of which implies another. The identity service decides two of them, account
state and Device Trust, and says so in the token; membership, standing and policy are decided here.
Paying for the server is not among them.

To whoever is no member, a server that exists and one that does not give the same answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, Subquery

from enigm_command.lib import locator, vault
from enigm_command.lib.openapi import Codes
from enigm_command.lib.problems import Problem
from servers.models import PolicyVersion, Server, Standing

from . import handles
from .models import Membership
from .tokens import AppToken


class Purpose(StrEnum):
    """What somebody wants in a server's environment."""

    STORE = "store"
    READ = "read"
    FEED = "feed"  # what was deleted or withheld, told to devices
    LEAVE = "leave"  # and to delete what is one's own


class Name(StrEnum):
    """The conditions of access, in the order in which they are asked."""

    ACCOUNT_STATE = "account_state"
    DEVICE_TRUST = "device_trust"
    MEMBERSHIP = "membership"
    STANDING = "standing"
    POLICY = "policy"


# Nothing may keep members from leaving and from deleting their own: not even a lost device.
ALWAYS_OPEN = {Purpose.LEAVE: {Name.ACCOUNT_STATE, Name.DEVICE_TRUST}}
STANDINGS: dict[str, set[Purpose]] = {
    Standing.ACTIVE: set(Purpose),
    Standing.RESTRICTED: {Purpose.READ, Purpose.FEED, Purpose.LEAVE},
    Standing.SUSPENDED: {Purpose.FEED, Purpose.LEAVE},
    Standing.RETIRING: {Purpose.READ, Purpose.FEED, Purpose.LEAVE},
    Standing.DELETING: {Purpose.FEED, Purpose.LEAVE},
    Standing.DELETED: set(),
}
REFUSALS = {
    Name.ACCOUNT_STATE: ("account_not_active", "The identity service holds this account back."),
    Name.DEVICE_TRUST: ("device_not_trusted", "The identity service does not trust this device."),
    Name.MEMBERSHIP: ("not_admitted", "There is no such server, or you are not admitted to it."),
    Name.STANDING: ("not_in_this_standing", "The server's standing does not allow this now."),
    Name.POLICY: ("not_by_policy", "The server's policy does not allow this."),
}
MISTYPED: Codes = {422: ["mistyped_server_id"]}
CODES: Codes = {403: [code for code, _ in REFUSALS.values()], **MISTYPED}  # of whoever asks here
FEED_CODES: Codes = {410: ["server_deleted"], **CODES}


class Refused(Problem):
    """The answer to whoever may not; it says which condition does not hold."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one admitted request may rely on, and all that content learns about who asks."""

    server: Server
    policy: PolicyVersion
    handle: UUID
    membership: Membership

    def still_stands(self) -> Exists:
        """Has nothing of this changed since? Part of a query, for who asks again behind a lock."""
        of_server = PolicyVersion.objects.filter(server=self.server.pk).order_by("-number")
        mine = Membership.objects.filter(
            pk=self.membership.pk, server__standing=self.server.standing
        )
        newest = mine.annotate(newest=Subquery(of_server.values("number")[:1]))
        return Exists(newest.filter(newest=self.policy.number))


Known = Callable[[UUID, UUID, UUID], bool]  # a server's, a member's, and a device's handle there


@dataclass(frozen=True, slots=True)
class Listener:
    """A device that is told what was deleted or withheld, and whose it is."""

    server: Server
    member: UUID
    device: UUID
    is_admitted: bool  # False: they were a member, and it may still hold copies


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the five, as it stands for one bearer and purpose."""

    name: Name
    holds: bool
    value: str = ""
    decided_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database says, where it says anything."""

    handle: UUID
    server: Server | None = None
    policy: PolicyVersion | None = None
    membership: Membership | None = None
    was_admitted: bool = False

    def access(self) -> Access:
        """What was found, once every condition holds."""
        assert self.server is not None
        assert self.policy is not None
        assert self.membership is not None
        return Access(self.server, self.policy, self.handle, self.membership)


def admit(token: AppToken, typed: str, purpose: Purpose) -> Access:
    """Everything this request may rely on, or Refused. `typed` is the Server ID as it came."""
    return _let_in(token, typed, purpose).access()


def admit_device(token: AppToken, typed: str, known: Known) -> Listener:
    """Who hears the feed, or Refused: members, and devices `known` as a former member's.

    Their copies outlive the membership, so what is deleted later must reach them still.
    """
    found = _let_in(token, typed, Purpose.FEED, known)
    assert found.server is not None
    device = handles.device_handle(found.server.pk, token.subject, token.device)
    return Listener(found.server, found.handle, device, found.membership is not None)


def _let_in(token: AppToken, typed: str, purpose: Purpose, known: Known | None = None) -> _Found:
    server = _server(typed)
    if purpose is Purpose.FEED and server is not None and server.is_deleted:
        raise Refused(410, "server_deleted", "This server and everything on it was deleted.")
    found = _find(token, server, known)
    for condition in _conditions(token, found, purpose):
        if not condition.holds and condition.name not in ALWAYS_OPEN.get(purpose, ()):
            raise Refused(403, *REFUSALS[condition.name])
    return found


def conditions(token: AppToken, typed: str) -> list[Condition]:
    """How each condition of reading stands. A stranger learns only what their own token says."""
    return list(_conditions(token, _find(token, _server(typed)), Purpose.READ))


def address(typed: str) -> str:
    """The Server ID that was meant; a typing error is told before anything is looked up."""
    try:
        return locator.parse(typed)
    except locator.Mistyped as error:
        raise Refused(422, "mistyped_server_id", str(error)) from error


def _server(typed: str) -> Server | None:
    return Server.objects.ready().known_as(address(typed)).first()


def _find(token: AppToken, server: Server | None, known: Known | None = None) -> _Found:
    """Asks the same of a server that is there and of one that is not: time tells nothing.

    Whoever is no member reads a key, whether anybody was on that server within the minute or not.
    """
    scope = server.pk if server and not server.is_deleted else vault.PLATFORM
    was_read = vault.remembers(scope)
    try:
        handle = handles.member_handle(scope, token.subject)
    except vault.Unreadable:  # its key was destroyed since the server was read
        return _Found(handles.member_handle(vault.PLATFORM, token.subject))
    membership = Membership.objects.of(scope).filter(handle=handle).first()
    policy = PolicyVersion.objects.filter(server=scope).order_by("-number").first()
    if membership is not None:
        return _Found(handle, server, policy, membership)
    device = handles.device_handle(scope, token.subject, token.device)
    if known is not None and known(scope, handle, device):
        return _Found(handle, server, policy, was_admitted=True)
    if was_read:
        vault.reopen(scope)
    return _Found(handle)


def _conditions(token: AppToken, found: _Found, purpose: Purpose) -> Iterator[Condition]:
    standing = found.server.standing if found.server else ""
    allowed = purpose in STANDINGS.get(standing, ())
    elsewhere = {"decided_elsewhere": True}
    yield Condition(Name.ACCOUNT_STATE, token.in_good_standing, token.account_state, **elsewhere)
    yield Condition(Name.DEVICE_TRUST, token.trusted, token.device_trust, **elsewhere)
    is_member = found.membership is not None or found.was_admitted
    yield Condition(Name.MEMBERSHIP, is_member)
    yield Condition(Name.STANDING, allowed, standing)
    yield Condition(Name.POLICY, found.policy is not None, str(found.policy or ""))
