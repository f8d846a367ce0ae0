"""The operators' pages, under /ops/: Django's admin with the power taken out of it.

What must never happen: somebody who is no operator learns what is there, an operator enters by a
factor that can be phished, or a form changes a row. What prevents it: every page passes one door,
which asks the database for the row that is the power; every table is `ReadOnly`; and what changes
anything is an act of ours on rows of a list (`operators_acts`). Django's own log of its admin is
not installed (`accounts.apps`): acts stand in ours, and there is no other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin, ShowFacets, display
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from accounts.models import Operator, Passkey
from accounts.stepup import ways
from audit.actions import note_view
from audit.authority import Authority, OutsideAuthority
from enigm_command.lib.http import comes_from
from enigm_command.lib.wording import grouped, utc

WORDS = {  # headings that are not their column's name
    "aborted_at": "Ended early",
    "dry_at": "Runs dry",
    "heard_at": "Last worked on",
    "locator": "Server ID",
    "period_end": "Paid until",
    "previewed": "Objects at the review",
    "purged": "Objects erased",
    "purged_bytes": "Bytes erased",
    "server_id": "Server",
}

View = Callable[..., HttpResponseBase]


def authority_of_operator(request: HttpRequest) -> Authority:
    """What the signed-in operator acts with; OutsideAuthority when they are none any more."""
    operator = _operator(request)
    if operator is None:
        raise OutsideAuthority
    return operator.authority


def came_by_passkey(request: HttpRequest) -> bool:
    """Was the second factor of this session one that no false page can ask for?"""
    return isinstance(request.user.otp_device, Passkey)  # type: ignore[union-attr]  # signed in


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the operators that is no table. `words` lead to it from the first page."""

    route: str
    name: str
    view: View
    words: str = ""


class OperatorSite(AdminSite):
    """One door for all operators' pages. Which tables and pages there are, stands at the roof."""

    site_title = site_header = "Enigm Command operators"
    index_title = "Operators"
    enable_nav_sidebar = False

    def __init__(self, name: str, pages: Sequence[Page] = ()) -> None:
        super().__init__(name)
        self.disable_action("delete_selected")
        self.pages = pages

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether all of it is open; who gets here has passed the door."""
        return _operator(request) is not None and came_by_passkey(request)

    def admin_view(  # type: ignore[override]  # the stubs want it narrower
        self, view: View, cacheable: bool = False
    ) -> View:
        """The door. To all but operators, in their networks, what is behind it does not exist."""

        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if _operator(request) is None or not comes_from(request, settings.OPERATOR_NETWORKS):
                raise Http404
            if not came_by_passkey(request):
                return _ask_for_passkey(request)
            return view(request, *args, **kwargs)

        return entered

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Nothing of the framework's own but the index and its parts."""
        tables = [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(table.urls))
            for model, table in self._registry.items()
        ]
        return [
            path("", self.admin_view(self.index), name="index"),
            *[path(page.route, self.admin_view(page.view), name=page.name) for page in self.pages],
            path("<slug:app_label>/", self.admin_view(self.app_index), name="app_list"),
            *tables,
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What stands around every page; the first one leads to the pages that are no tables."""
        own_pages = [page for page in self.pages if page.words]
        return {**super().each_context(request), "own_pages": own_pages}

    def get_log_entries(self, request: HttpRequest) -> Any:
        """There is no second log."""
        return ()


class ReadOnly(ModelAdmin):
    """A table as operators see it: a list, and a page for each row. No form changes anything."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    media = Media(js=["admin/js/actions.js"])  # the rest serves forms that there are none of

    def before_showing(self, request: HttpRequest, row: Any) -> None:
        """To be overridden where looking at a row is to be entered in a log, before it is shown."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns of the list, in the product's words."""
        return [self._in_words(name) for name in super().get_list_display(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The same for the page of a row."""
        names = self.get_fields(request, obj)
        return [(None, {"fields": [self._in_words(name) for name in names]})]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The door of the site is enough."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same for the index."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: rows come about by acts."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never, likewise."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never, likewise."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The list and the row. What cannot be done has no address either."""
        door, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("", door(self.changelist_view), name=f"{name}_changelist"),
            path("<str:object_id>/", door(require_safe(self.change_view)), name=f"{name}_change"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and the acts on what is chosen in it. A look at it stands in the log."""
        if request.method != "POST":
            page = f"list of {self.opts.verbose_name_plural}"
            note_view(page, by=authority_of_operator(request))
        title = {"title": str(self.opts.verbose_name_plural).capitalize()}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of one row."""
        title = {"title": str(self.opts.verbose_name).capitalize(), "subtitle": None}
        return super().change_view(request, object_id, form_url, {**title, **(extra_context or {})})

    def _in_words(self, name: Any) -> Any:
        """A column under the product's word; a moment in UTC, as every page writes it."""
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name
        is_moment = isinstance(field, DateTimeField)
        return _column(name) if is_moment or name in WORDS else name

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row of a page that is about to be shown; None when there is none."""
        if row := super().get_object(request, object_id, from_field):
            self.before_showing(request, row)
        return row


def _column(name: str) -> Callable[[Any], Any]:
    words = WORDS.get(name) or name.removesuffix("_at").replace("_", " ").capitalize()

    @display(description=words, ordering=name)
    def shown(row: Any) -> Any:
        value = getattr(row, name)
        if isinstance(value, datetime):
            return utc(value)
        return grouped(value) if isinstance(value, int) else value

    shown.__name__ = name
    return shown


def _operator(request: HttpRequest) -> Operator | None:
    """The row that is the power, asked for once: who was removed is out at the next request."""
    if not hasattr(request, "operator"):
        found = Operator.objects.filter(account=request.user.pk).select_related("account")
        request.operator = found.first()  # type: ignore[attr-defined]  # nobody else sets it
    return request.operator  # type: ignore[attr-defined,no-any-return]


def _ask_for_passkey(request: HttpRequest) -> HttpResponse:
    has_one = ways(request.user).passkey  # type: ignore[arg-type]  # signed in
    return render(request, "accounts/operators_passkey.html", {"has_one": has_one}, status=403)
