"""The parts of the panel as template tags: a page names what it shows, a part knows how it looks.

The tags are built in, so no page loads them; `docs/panel-components.md` is their catalogue. Block
tags take the marked-up body between them, everything else is text and escaped.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any

from django import forms, template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify

from enigm_command.lib import drawing, moments, wording
from enigm_command.lib.markup import filled, filled_each
from enigm_command.lib.moments import moment
from enigm_command.lib.progress import Mark, Told

register = template.Library()
for _name in ("age", "counted", "grouped", "span"):
    register.filter(_name, getattr(wording, _name))
register.filter("bytes", wording.size)
for _tag in (moments.moment, moments.ago):
    register.simple_tag(_tag)

NOTE_ICONS = {"info": "info", "good": "check", "warn": "warning", "danger": "warning"}
MESSAGE_TONES = {"success": "good", "warning": "warn", "error": "danger"}
WORDS_BY_TONE = {
    "good": ("active", "approved", "complete", "done", "paid", "server created"),
    "warn": ("ended early", "paused", "restricted", "waiting", "waiting for payment"),
    "info": ("being created", "erasing", "in progress", "retiring"),
    "danger": ("being deleted", "failed", "refused", "suspended", "withheld"),
}
# Thirty of each stand on a page: as loops in a template they take half of its time.
BAR = '<rect x="{}" y="{}" width="{}" height="{}" opacity="{}" rx="3"/>'
DAY = '<tr><th scope="row">{}</th><td class="table__number">{}</td></tr>'
TONES = {word: tone for tone, words in WORDS_BY_TONE.items() for word in words}


# --- words and small signs ------------------------------------------------------------------------
@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A line drawing from `templates/components/icons`, silent to screen readers; drawn once."""
    context = {"drawing": f"components/icons/{name}.svg"}
    return render_to_string("components/icon.html", context)


@register.simple_tag
def badge(text: str, *, tone: str = "") -> SafeString:
    """A word of status. Its tone is the word's own unless named (plain, good, warn, …)."""
    tone = tone or TONES.get(str(text).lower(), "plain")
    return filled('<span class="badge badge--{}">{}</span>', tone, text)


@register.simple_tag
def server_id(value: str) -> SafeString:
    """A Server ID within a text; one click selects all of it."""
    return filled('<span class="mono unbroken selectable">{}</span>', value)


@register.inclusion_tag("components/share.html")
def share(part: int, whole: int) -> dict[str, Any]:
    """A thin bar that shows a part of a whole; a part above nothing never looks like nothing."""
    percent = 100 * part / whole if whole else 0
    return {"percent": max(1.2, round(percent, 1)) if part else 0}


# --- sheets, notes, lists -------------------------------------------------------------------------
@register.simple_block_tag
def panel(
    content: SafeString,
    *,
    title: str = "",
    aside: str = "",
    aside_url: str = "",
    tone: str = "",
    flush: bool = False,
    sticky: bool = False,
) -> SafeString:
    """A titled sheet. `tone` (good, danger) bands its top, `flush` lets lists and tables reach its
    edge, `sticky` keeps it in view; `aside` stands beside the title, as a link with `aside_url`."""
    kinds = [tone, "flush" if flush else "", "sticky" if sticky else ""]
    classes = " ".join(["panel", *(f"panel--{kind}" for kind in kinds if kind)])
    values = {"title": title, "aside": aside, "aside_url": aside_url, "flush": flush}
    context = {**values, "content": content, "classes": classes, "id": f"about-{slugify(title)}"}
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def note(content: SafeString, *, tone: str = "info", role: str = "") -> SafeString:
    """A message to the person, by tone: info, good, warn, danger. Role `status` announces it."""
    context = {"content": content, "tone": tone, "role": role, "icon": NOTE_ICONS[tone]}
    return render_to_string("components/note.html", context)


@register.inclusion_tag("components/flash_messages.html", takes_context=True)
def flash_messages(context: Context) -> dict[str, Any]:
    """What the last act had to say, once, at the top of the next page."""
    messages = context.get("messages") or []
    return {"notes": [(MESSAGE_TONES.get(m.level_tag, "info"), str(m)) for m in messages]}


@register.simple_block_tag
def empty_state(content: SafeString, *, title: str, icon: str = "inbox") -> SafeString:
    """Why a list is empty, what will appear in it, and the one thing to do."""
    context = {"content": content, "title": title, "icon": icon}
    return render_to_string("components/empty_state.html", context)


@register.simple_block_tag
def fact(content: SafeString, name: str) -> SafeString:
    """A row of a `<dl class="facts">`: a name and its value."""
    return filled('<div class="facts__row"><dt>{}</dt><dd>{}</dd></div>', name, content)


@register.inclusion_tag("components/figure.html")
def figure(label: str, value: object) -> dict[str, Any]:
    """A number of a `<dl class="figures">`; a unit after a space is set smaller."""
    number, _, unit = str(value).partition(" ")
    return {"label": label, "number": number, "unit": unit}


@register.inclusion_tag("components/tick.html")
def tick(text: str, *, holds: bool = True) -> dict[str, Any]:
    """An item of a `<ul class="ticks">`: something that holds, or does not."""
    return {"text": text, "holds": holds}


@register.simple_block_tag
def todo_item(
    content: SafeString,
    *,
    title: str,
    url: str,
    action: str,
    icon: str = "inbox",
    tone: str = "warn",
    primary: bool = False,
) -> SafeString:
    """An item of a `<ul class="todo">`: what waits or works, and where to go for it."""
    values = {"title": title, "url": url, "action": action, "icon": icon, "tone": tone}
    context = {**values, "content": content, "primary": primary}
    return render_to_string("components/todo_item.html", context)


@register.simple_block_tag
def zone_item(content: SafeString, *, title: str, url: str, action: str) -> SafeString:
    """An item of a `<ul class="zone">`: a grave act, what it does, and the way to its review."""
    context = {"content": content, "title": title, "url": url, "action": action}
    return render_to_string("components/zone_item.html", context)


# --- ways through the panel -----------------------------------------------------------------------
@register.simple_block_tag
def crumbs(content: SafeString) -> SafeString:
    """The way down to this page; the body is its `<li>` elements."""
    return filled('<nav class="crumbs" aria-label="Breadcrumb"><ol>{}</ol></nav>', content)


@register.inclusion_tag("components/steps.html")
def steps(*names: str, current: int) -> dict[str, Any]:
    """The steps of a flow; those before `current` (the first is 1) are done."""
    return {"names": names, "current": current}


@register.simple_block_tag
def stage(
    content: SafeString, *, when: datetime | str, state: str = "now", style: str = "clock"
) -> SafeString:
    """An item of an `<ol class="timeline">`: done, now or later; `when` is a time or words."""
    return filled(
        '<li class="timeline__stage timeline__stage--{}"><span class="timeline__when">{}</span>'
        '<span class="timeline__what">{}</span></li>',
        state,
        moment(when, style=style) if isinstance(when, datetime) else when,
        content,
    )


@register.inclusion_tag("components/progress.html")
def progress(*, label: str, done: int, total: int, text: str) -> dict[str, Any]:
    """A part of a whole that can be counted."""
    return {"label": label, "done": done, "total": total or 1, "text": text}


@register.inclusion_tag("components/progress.html")
def long_work(told: Told, *, label: str, poll: str, mark: Mark | None = None) -> dict[str, Any]:
    """How far long work has come. `poll` answers the fields of `Told` as JSON; `mark` is the look
    at its counter from which on it is measured."""
    address = f"{poll}?{mark.query}" if mark else poll
    return {**asdict(told), "label": label, "total": told.total or 1, "poll": address}


@register.inclusion_tag("components/pager.html")
def pager(*, text: str = "", newer: str = "", older: str = "") -> dict[str, Any]:
    """Below a list: which part of it this is, and links to the neighbouring parts."""
    return {"text": text, "newer": newer, "older": older}


# --- pictures and values to hand on ---------------------------------------------------------------
@register.inclusion_tag("components/copy_field.html")
def copy_field(value: str, *, label: str) -> dict[str, Any]:
    """A value to hand on, with a button that copies it where JavaScript runs."""
    return {"value": value, "label": label}


@register.inclusion_tag("components/qr.html")
def qr(value: str, *, label: str, keep: bool = False) -> dict[str, Any]:
    """A QR code; its label says what it holds. What is no secret may be drawn once and kept."""
    code = drawing.kept_qr_code(value) if keep else drawing.qr_code(value)
    return {"code": code, "label": label}


@register.inclusion_tag("components/horizon.html")
def horizon(days: Sequence[tuple[date, int]]) -> dict[str, Any]:
    """What expires on each coming day, from (day, number): bars and a table, or what will be."""
    bars = drawing.fading_bars([n for _, n in days]) if any(n for _, n in days) else []
    rows = ((moment(day), wording.grouped(number)) for day, number in days)
    return {
        "last": days[-1][0],
        "bars": filled_each(BAR, bars),
        "rows": filled_each(DAY, rows),
    }


# --- forms ----------------------------------------------------------------------------------------
@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What is wrong with a form, once above it, each with a link to its field."""
    wrong = [bound for bound in form if bound.errors]
    return {
        "whole": form.non_field_errors(),
        "fields": [(_first_id(bound), bound.errors) for bound in wrong],
    }


def _first_id(bound: BoundField) -> str:
    """Where a link to this field leads; a group of radio buttons has no element of its own."""
    return bound.id_for_label or f"{bound.auto_id}_0"


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, size: str = "") -> dict[str, Any]:
    """A form's field with label, hint and errors. Sizes: short, code, and small, as in filters."""
    is_check = isinstance(bound.field.widget, forms.CheckboxInput)
    classes = "" if is_check else f"input input--{size}" if size else "input"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs={"class": classes} if classes else {}),
        "is_check": is_check,
        "is_optional": not (bound.field.required or is_check or size == "small"),
    }


@register.inclusion_tag("components/choices.html")
def choices(bound: BoundField, *, columns: int = 1, number: int = 0) -> dict[str, Any]:
    """A form's radio buttons as cards. A number makes the group a titled section of a long form.

    A choice whose label is a `CardLabel` gets a sentence and a word beside its heading.
    """
    return {"bound": bound, "columns": columns, "number": number}


@register.inclusion_tag("components/post_button.html")
def post_button(
    text: str, *, to: str, style: str = "", size: str = "", about: str = "", icon: str = ""
) -> dict[str, Any]:
    """A form of one button. `about` ends its name where many say the same ("Approve Lena Hoff")."""
    kinds = " ".join(f"button--{kind}" for kind in (style, size) if kind)
    return {"text": text, "to": to, "kinds": kinds, "about": about, "icon": icon}
