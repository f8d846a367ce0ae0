"""The rows of a log. There are fifty on a page, so they are composed here: as a template they took
longer than all that stands around them."""

from collections.abc import Iterable, Iterator

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from audit.models import AuditEvent
from enigm_command.lib.markup import filled, filled_each
from enigm_command.lib.moments import moment
from enigm_command.lib.templatetags.components import badge
from enigm_command.lib.wording import grouped
from servers import policy

register = template.Library()

Cells = tuple[SafeString | str, ...]

ROW = """<tr>
      <td class="table__number" data-label="Entry">{}</td>
      <td data-label="When">{}</td>
      <th scope="row">{}</th>
      <td data-label="What">{}{}{}</td>
      {}
    </tr>"""
WHO = '{}<br><span class="small muted">{}</span>'
DETAIL = '<br><span class="small muted">{}: {}</span>'
SERVER = '<span class="mono selectable">{}</span>'
PROOF = (
    '<td data-label="Proof"><a class="button button--small" href="{}" download>Proof'
    '<span class="visually-hidden"> of entry {}</span></a></td>'
)


@register.simple_tag
def log_rows(events: Iterable[AuditEvent], here: str) -> SafeString:
    """A server's entries, whose own pages lie below the log's; `here` is its address."""
    return filled_each(ROW, (_row(event, here) for event in events), between="\n")


@register.simple_tag
def platform_log_rows(events: Iterable[AuditEvent]) -> SafeString:
    """The platform's entries, which have no pages: each with its proof."""
    return filled_each(ROW, (_row_of_platform(event) for event in events), between="\n")


def _row(event: AuditEvent, here: str) -> Cells:
    number = filled('<a href="{}{}/">{}</a>', here, event.seq, grouped(event.seq))
    return (number, *_said(event), _details(event), "")


def _row_of_platform(event: AuditEvent) -> Cells:
    number, server = grouped(event.seq), event.data.get("server")
    about = filled(DETAIL, "Server", filled(SERVER, server)) if server else ""
    proof = filled(PROOF, reverse("ops:log-proof", args=[event.seq]), number)
    return (number, *_said(event), about + _details(event), proof)


def _said(event: AuditEvent) -> Cells:
    """When, who, and what: refused or done."""
    name, capacity = event.actor_name, event.capacity_label
    who = filled(WHO, name, capacity) if name else capacity
    refused = badge("Refused") + " " if event.is_refused else ""
    return moment(event.at, style="second"), who, refused, event.sentence


def _details(event: AuditEvent) -> SafeString:
    return filled_each(DETAIL, _named(event))


def _named(event: AuditEvent) -> Iterator[tuple[str, str]]:
    """What an entry changed in the policy, and its personal values, each under its name."""
    for change in policy.in_data(event.data):
        yield change.label, f"{change.was} → {change.becomes}"
    for name, value in event.shown_values.items():
        yield capfirst(name), value
