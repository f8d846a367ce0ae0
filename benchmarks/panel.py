"""The panel's pages, through the whole stack, beside Django's own admin with a list of 100 rows."""

from functools import partial

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from audit.authority import Authority
from benchmarks.measure import Figure, interleaved, medians
from benchmarks.models import Bare
from benchmarks.pages import queries_of, signed_in, time_of
from content import tasks

ROWS = 100
SECTION = "The panel: requests per second, one at a time"
ADMIN = f"Django's admin, a list of {ROWS}"
PAGES = ("server", "content", "retention", "orders", "members", "join-requests", "log")


def figures(by: Authority) -> list[Figure]:
    """Rate and queries of each page of a server."""
    Bare.objects.bulk_create(Bare(title=f"Note {n}", text="What it says.") for n in range(ROWS))
    tasks.recount()
    client = signed_in(by)
    addresses = {name: reverse(name, args=[by.server_id]) for name in PAGES}
    addresses[ADMIN] = reverse("plain:benchmarks_bare_changelist")
    cases = {name: partial(_rate, client, address) for name, address in addresses.items()}
    rates = medians(interleaved(cases))
    rows = [Figure(SECTION, name, rate, "per second") for name, rate in rates.items()]
    for name in PAGES:
        ratio = rates[name] / rates[ADMIN]
        rows.append(Figure(SECTION, f"{name} ÷ {ADMIN}", ratio, "", at_least=3))
    for name in PAGES:
        asked = queries_of(client, addresses[name])
        rows.append(Figure(SECTION, f"queries, {name}", asked, "", at_most=8))
    return rows


def _rate(client: Client, address: str) -> float:
    return 1000 / time_of(client, address)


# --- the peer -------------------------------------------------------------------------------------
class PlainSite(AdminSite):
    """Django's admin as it comes, for whoever is signed in."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Accounts here know nothing of staff."""
        return request.user.is_authenticated


class BareAdmin(ModelAdmin):
    """A list of four columns, with what a list has unless somebody takes it away."""

    list_display = ("id", "title", "text", "edits")
    list_per_page = ROWS

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Nor of permissions."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Bare | None = None) -> bool:
        """They may see it."""
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


site = PlainSite("plain")
site.register(Bare, BareAdmin)
