"""What operators see of deletions: how each gets on. Never whose content it is, or of what kind."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter, display
from django.db.models import Model
from django.http import HttpRequest

from accounts.operators_site import ReadOnly, authority_of_operator
from audit.actions import note_view
from content import operator_acts as acts
from content.models import DeletionOrder
from servers.models import Server


class Standing(SimpleListFilter):
    """How far they are."""

    title, parameter_name = "standing", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What can be asked for."""
        return [("under_way", "Under way"), ("paused", "Paused"), ("stalled", "Stalled")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that stand so."""
        asked = {
            "under_way": queryset.filter(finished_at=None, paused_at=None),
            "paused": queryset.filter(paused_at__isnull=False),
            "stalled": queryset.stalled(),
        }
        return asked.get(self.value() or "", queryset)


class Orders(ReadOnly):
    """Deletion orders and their erasing. Whoever looks at one stands in its server's log."""

    list_display = ("__str__", "server_id", "placed_at", "purged", "state", "heard_at")
    list_filter = (Standing,)
    search_fields = ("=server_id",)
    search_help_text = "The whole id of a server."
    ordering = ("-placed_at",)
    fields = (
        "server_id", "number", "placed_at", "previewed", "purged", "purged_bytes",
        "state", "heard_at", "paused_at", "aborted_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("state",)
    actions = (acts.pause, acts.resume, acts.abort)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With which of them nobody works on, asked in the same question."""
        orders: Any = super().get_queryset(request)
        return orders.with_stalled()

    @display(description="State")
    def state(self, order: Any) -> str:
        """In a word; one that nobody works on says so."""
        return "Stalled" if order.is_stalled else order.state

    def before_showing(self, request: HttpRequest, row: Any) -> None:
        """Enter the view in the server's log, as long as that is open."""
        server = Server.objects.get(pk=row.server_id)
        by = authority_of_operator(request)
        note_view("deletion order", server, disclosed=not server.is_deleted, by=by)


TABLES: dict[type[Model], type[ModelAdmin]] = {DeletionOrder: Orders}
