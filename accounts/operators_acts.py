"""Acts that operators take on rows of a list, each by the same page.

What must never happen: an operator acts by a slip, without grounds, or on more than was shown.
What prevents it: the page names every row that is meant, asks for the grounds and for a factor
proved shortly before, and acts on those rows alone. Each is an act and a transaction of its own, so
one that is refused stops none of the others, and each is answered for itself.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin import action as list_action
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts import stepup, unsent
from accounts.operators_site import authority_of_operator
from accounts.proposals import NotOpen
from audit.authority import Authority
from enigm_command.lib.problems import Problem

ANSWERED = "answered"  # the form comes from this page, and not from the list
REFUSALS: dict[Any, str] = {
    NotOpen: "it was answered already, has ended, or is not yours to answer."
}

Act = Callable[..., str]  # act(row, form, by=authority) answers what was done, in words
Refusals = Mapping[Any, str]  # by the class of what is raised


def act_page(
    words: str,
    effect: str,
    form: type[Form] = Form,
    refusals: Refusals | None = None,
    *,
    stops: bool = False,
) -> Callable[[Act], Any]:
    """Make a list's action of an act on one row.

    `words` are on the button, `effect` says what follows from it. The act is called with the row
    and the valid form. What it raises of `refusals` is told with these words, as is any `Problem`.
    The button of one that `stops` or destroys something looks like it.
    """
    told: Refusals = {**REFUSALS, **(refusals or {})}

    def made(act: Act) -> Any:
        @list_action(description=words)
        @wraps(act)
        def chosen(
            table: ModelAdmin, request: HttpRequest, rows: QuerySet[Any]
        ) -> HttpResponseBase | None:
            if not stepup.is_fresh(request):
                return stepup.ask(request)
            unsent.forget(request)
            filled_in = form(request.POST if ANSWERED in request.POST else None)
            if not filled_in.is_valid():
                meant = {"words": words, "effect": effect, "stops": stops, "form": filled_in}
                return _ask(table, request, act.__name__, meant | {"rows": rows})
            by = authority_of_operator(request)
            for row in rows:
                _carry_out(act, row, filled_in, by, told, request)
            return None  # to the list

        return chosen

    return made


def _ask(
    table: ModelAdmin, request: HttpRequest, action: str, meant: dict[str, Any]
) -> TemplateResponse:
    context = {
        **table.admin_site.each_context(request),
        **meant,
        "title": meant["words"],
        "opts": table.opts,
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
        "answered": ANSWERED,
    }
    return TemplateResponse(request, "accounts/operators_act.html", context)


def _carry_out(
    act: Act, row: Model, form: Form, by: Authority, told: Refusals, request: HttpRequest
) -> None:
    try:
        said = act(row, form, by=by)
    except tuple(told) as refused:
        messages.warning(request, f"{row}: {_words_for(refused, told)}")
    except Problem as problem:
        messages.warning(request, f"{row}: {problem.detail}")
    else:
        messages.success(request, f"{row}: {said}")


def _words_for(refused: Exception, told: Refusals) -> str:
    return next(words for kind, words in told.items() if isinstance(refused, kind))
