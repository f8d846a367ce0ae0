"""Finding people in a list by whole words of their names.

Names are stored sealed, so rows are found by marks (`lib.fields.marks`). What is typed comes by
POST and goes on as marks: no address ever has a name in it, and none comes into a log of addresses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from enigm_command.lib.fields import marks
from servers.edge import ServerRequest
from servers.models import Server

from .models.join_requests import JoinRequestQuerySet
from .models.memberships import MembershipQuerySet

Named = TypeVar("Named", JoinRequestQuerySet, MembershipQuerySet)
BETWEEN, LONGEST, MOST = ".", 60, 30
NO_WORD = "Type at least one whole word of the name."


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is narrowed to: rows that have all of these marks; without any, all rows."""

    marks: tuple[UUID, ...]

    @classmethod
    def of(cls, request: ServerRequest) -> Self:
        """As the address has it; what is no mark finds nothing that would not be there anyway."""
        texts = request.GET.get("words", "").split(BETWEEN)[:MOST]
        try:
            return cls(tuple(UUID(text) for text in texts if text))
        except ValueError:
            return cls(())

    @property
    def query(self) -> str:
        """The same for the address of the next page: "words=…&", or nothing."""
        if not self.marks:
            return ""
        return urlencode({"words": BETWEEN.join(mark.hex for mark in self.marks)}) + "&"

    def apply(self, rows: Named) -> Named:
        """The rows that are left."""
        return rows.marked(self.marks) if self.marks else rows


def searched_by_name(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a list be searched: what is posted to its address leads to the same with marks."""

    @wraps(view)
    def searched(request: ServerRequest, server: Server, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, server, **kwargs)
        typed = request.POST.get("name", "")[:LONGEST].replace("\0", "")
        found = Search(tuple(marks(server.pk, typed)))
        if typed.strip() and not found.marks:
            messages.error(request, NO_WORD)
        return redirect(f"{request.path}?{found.query}".rstrip("?&"))

    return searched
