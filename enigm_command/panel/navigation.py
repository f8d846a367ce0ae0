"""Where the reader is and what waits for them: one context processor for every panel page."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from accounts.models import Notice
from enigm_command.lib.markup import filled, filled_each
from enigm_command.lib.question import Question, count
from enigm_command.lib.templatetags.components import icon
from enigm_command.lib.wording import grouped
from membership.models import JoinRequest
from servers.edge import ServerRequest
from servers.models import Server

PAGES = (  # label, route, icon, and the other routes that belong under it
    ("Overview", "server", "home", ()),
    ("Join requests", "join-requests", "inbox", ("join-requests-decided",)),
    (
        "Users",
        "members",
        "people",
        (
            "block",
            "blocks",
            "former-members",
            "invite",
            "invite-print",
            "member",
            "member-removal",
            "member-removals",
            "server-id-rotation",
        ),
    ),
    (
        "Encrypted content",
        "content",
        "lock",
        ("delete", "delete-review", "retention", "withhold", "withhold-review"),
    ),
    ("Deletions", "orders", "trash", ("kept-receipts", "order")),
    ("Audit log", "log", "log", ("log-entry", "operator-actions", "value-erasure")),
    (
        "Administrators",
        "administrators",
        "shield",
        (
            "administrator-invitation",
            "administrator-leaving",
            "administrator-removal",
            "owner-invitation",
            "ownership",
            "ownership-acceptance",
            "ownership-offer",
            "vouch",
            "vouching",
        ),
    ),
    (
        "Server settings",
        "settings",
        "gear",
        (
            "endings",
            "policy",
            "policy-review",
            "retirement",
            "server-deletion",
            "server-deletion-agreement",
            "server-knows",
        ),
    ),
)


LINK = '<a href="{}"{}>{}{}{}</a>\n'
CURRENT = SafeString(' aria-current="page"')
WAITING = '<span class="nav__count">{}<span class="visually-hidden"> waiting</span></span>'


def _unread(account: UUID) -> QuerySet[Notice]:
    return count(Notice.objects.filter(account_id=account).unread())


UNREAD = Question(unread=_unread)
UNREAD_AND_WAITING = Question(
    unread=_unread,
    waiting=lambda server: count(JoinRequest.objects.of(server).waiting()),
)


@dataclass(frozen=True, slots=True)
class ServerHead:
    """The server whose pages these are, as the switcher shows it."""

    name: str
    region_label: str
    standing_label: str

    @property
    def initials(self) -> str:
        """Up to two letters in place of a picture."""
        words = [word for word in self.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper()


@dataclass(frozen=True, slots=True)
class Navigation:
    """What every page of a server shows around its content."""

    server: ServerHead | None
    account_name: str
    unread: int = 0
    capacity_label: str = ""
    links: SafeString | str = ""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`navigation` for templates; nothing is queried on pages that do not show it."""
    return {"navigation": SimpleLazyObject(lambda: _navigation(request))}


def _navigation(request: HttpRequest) -> Navigation:
    server = getattr(request, "server", None)
    name = getattr(getattr(request, "user", None), "username", "")
    reader = cast(ServerRequest, request).user
    if server is None:
        return Navigation(None, name, UNREAD.ask(account=reader.pk)["unread"])
    found = UNREAD_AND_WAITING.ask(account=reader.pk, server=server.pk)
    head = ServerHead(server.shown_name, server.get_region_display(), server.get_standing_display())
    capacity = cast(ServerRequest, request).authority.capacity
    links = filled_each(LINK, _links(request, server, found["waiting"]))
    return Navigation(head, name, found["unread"], capacity.label, links)


def _links(request: HttpRequest, server: Server, waiting: int) -> Iterator[tuple[object, ...]]:
    """What is to be filled in for each page; of a deleted server only the log is left to see."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    waits = filled(WAITING, grouped(waiting)) if waiting else ""
    for (label, route, name, below), address in zip(PAGES, _addresses(server.pk), strict=True):
        if route == "log" or not server.is_deleted:
            current = CURRENT if here in (route, *below) else ""
            yield address, current, icon(name), label, waits if route == "join-requests" else ""


@lru_cache(maxsize=1024)
def _addresses(server_id: UUID) -> list[str]:
    return [reverse(route, args=[server_id]) for _, route, *_ in PAGES]
