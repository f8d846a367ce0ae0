"""What operators see of servers. Never a member, and never what a customer has written."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ModelAdmin, display
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from accounts.operators_site import ReadOnly, authority_of_operator
from audit.actions import note_view
from content.room import Room
from enigm_command.lib.wording import utc
from lifecycle import operator_acts as acts
from lifecycle.models import (
    Hold,
    ProposedAct,
    Restriction,
    Retirement,
    ServerDeletion,
    Suspension,
)
from servers.models import Server


class OfServer(ReadOnly):
    """Rows about a server. Whoever looks at one stands in its log, before they see it; so does
    whoever searches a list for what there is about that server."""

    def before_showing(self, request: HttpRequest, row: Any) -> None:
        """Enter the view; what administrators may not know of, in the platform's log alone."""
        server = row if isinstance(row, Server) else row.server
        secret = isinstance(row, Hold) and row.confidential and not row.lifted_at
        self._note(request, server, disclosed=not secret)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; of one server alone, when its id is searched for."""
        if server := _searched(request):
            self._note(request, server, disclosed=True)
        return super().changelist_view(request, extra_context)

    def _note(self, request: HttpRequest, server: Server, *, disclosed: bool) -> None:
        open_log = disclosed and not server.is_deleted
        page, by = str(self.opts.verbose_name), authority_of_operator(request)
        note_view(page, server, disclosed=open_log, by=by)


class Records(OfServer):
    """What was done to servers, and on what grounds."""

    search_fields = ("=server__id",)
    search_help_text = "The whole id of a server."
    readonly_fields: ClassVar[tuple[str, ...]] = ("grounds",)

    @display(description="Grounds")
    def grounds(self, row: Any) -> str:
        """The operators' reason in words."""
        return str(row.reason_label)


class Servers(OfServer):
    """Servers by their ids. Their names are their customers' and stay sealed."""

    list_display = ("id", "region", "standing", "created_at")
    list_filter = ("standing", "region")
    search_fields = ("=id", "=locator")
    search_help_text = "The whole id, or the whole Server ID."
    ordering = ("-created_at",)
    fields = ("id", "locator", "region", "standing", "room", "created_at")
    readonly_fields = ("room",)
    actions = (
        acts.restrict,
        acts.lift_restriction,
        acts.suspend,
        acts.resume,
        acts.retire,
        acts.call_off_retirement,
        acts.propose_deletion,
        acts.call_off_deletion,
        acts.place_hold,
        acts.set_room,
    )

    @display(description="Storage")
    def room(self, server: Server) -> str:
        """How much it holds, and may hold."""
        return Room.of(server.pk).words


class Restraints(Records):
    """Restrictions and suspensions, in force and lifted."""

    list_display = ("server", "party", "grounds", "placed_at", "lifted_at")
    list_filter = ("party", "code")
    ordering = ("-placed_at",)
    fields = ("server", "party", "grounds", "reference", "placed_at", "lifted_at")


class Retirements(Records):
    """Retirements announced, under way, over."""

    list_display = ("server", "party", "grounds", "begins_at", "dry_at", "called_off_at")
    list_filter = ("party", "code")
    ordering = ("-placed_at",)
    fields = (
        "server", "party", "grounds", "reference",
        "placed_at", "begins_at", "dry_at", "called_off_at", "finished_at",
    )  # fmt: skip


class Deletions(Records):
    """Deletions of whole servers."""

    list_display = ("server", "party", "grounds", "ordered_at", "due_at", "finished_at")
    list_filter = ("party", "code")
    ordering = ("-ordered_at",)
    fields = (
        "server", "party", "grounds", "reference",
        "ordered_at", "due_at", "called_off_at", "finished_at",
    )  # fmt: skip


class Holds(Records):
    """Holds on physical destruction, the confidential ones too."""

    list_display = ("server", "category", "confidential", "placed_at", "until", "lifted_at")
    list_filter = ("category", "confidential")
    ordering = ("-placed_at",)
    fields = (*list_display, "reason", "reference")
    actions = (acts.lift_hold,)


class Proposals(Records):
    """What an operator proposed, for a second one: the page of each tells the grounds."""

    list_display = ("__str__", "grounds", "proposer", "ends_at", "answer")
    list_select_related = ("proposal__proposed_by",)
    ordering = ("-proposal__proposed_at",)
    fields = ("server", "act", "grounds", "reference", "proposer", "ends_at", "answer")
    readonly_fields = ("grounds", "proposer", "ends_at", "answer")
    actions = (acts.agree, acts.decline, acts.withdraw)

    @display(description="Proposed by")
    def proposer(self, proposed: ProposedAct) -> str:
        """Who cannot agree to it."""
        return proposed.proposal.proposed_by.username

    @display(description="To be answered until")
    def ends_at(self, proposed: ProposedAct) -> str:
        """Afterwards it has to be proposed anew."""
        return utc(proposed.proposal.ends_at)

    @display(description="Answer")
    def answer(self, proposed: ProposedAct) -> str:
        """How it ended, if it has."""
        return proposed.proposal.get_answer_display()


def _searched(request: HttpRequest) -> Server | None:
    try:
        return Server.objects.filter(pk=UUID(request.GET.get(SEARCH_VAR, ""))).first()
    except ValueError:
        return None


TABLES: dict[type[Model], type[ModelAdmin]] = {
    Server: Servers,
    ProposedAct: Proposals,
    Hold: Holds,
    Restriction: Restraints,
    Suspension: Restraints,
    Retirement: Retirements,
    ServerDeletion: Deletions,
}
