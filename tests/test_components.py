"""The parts of the panel: what they say, how they are wired, and that they are strict HTML."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
import segno
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone

from enigm_command.lib import drawing, wording
from enigm_command.lib.cards import CardLabel
from enigm_command.lib.progress import Told
from enigm_command.lib.templatetags.components import register
from tests.browser import proofread

ROOT = Path(__file__).parent.parent
CATALOGUE = (ROOT / "docs/panel-components.md").read_text()
AT = datetime(2026, 11, 22, 9, 41, 7, tzinfo=UTC)


class Example(forms.Form):
    """One field of every kind that pages use."""

    code = forms.CharField(
        label="Code", help_text="Six digits.", error_messages={"required": "Type it."}
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput, required=False)
    reason = forms.CharField(label="Reason", widget=forms.Textarea, required=False)
    lifetime = forms.ChoiceField(label="Lifetime", choices=[("1", "1 day"), ("30", "30 days")])
    agreed = forms.BooleanField(label="Agreed", error_messages={"required": "Agree to it."})
    region = forms.ChoiceField(
        label="Region",
        help_text="It cannot be changed.",
        choices=[("europe", CardLabel("Europe", "Content stays there", "€6")), ("asia", "Asia")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a region."},
    )

    def clean(self):
        raise forms.ValidationError("The whole does not fit.")


CONTEXT = {
    "at": AT,
    "form": Example({}),
    "days": [(date(2026, 11, 22), 4318), (date(2026, 11, 23), 0)],
    "messages": [SimpleNamespace(level_tag="error", __str__=lambda self: "Refused")],
    "csrf_token": "token",
    "told": Told(1, 3, "1 of 3", worker="It is being worked on now."),
    "evil": "<script>1</script>",
}
EXAMPLES = {
    "icon": '{% icon "home" %}',
    "badge": '{% badge "Active" %}{% badge evil tone="warn" %}',
    "moment": "{% moment at %}",
    "ago": "{% ago at %}",
    "server_id": '{% server_id "EN-7KQ4" %}',
    "share": "{% share 1 3 %}",
    "panel": '{% panel title="A" aside="B" aside_url="/" tone="danger" %}{{ evil }}{% endpanel %}',
    "note": '{% note tone="warn" role="status" %}{{ evil }}{% endnote %}',
    "flash_messages": "{% flash_messages %}",
    "empty_state": '{% empty_state title="Nothing" %}Yet.{% endempty_state %}',
    "fact": '<dl class="facts">{% fact "Author" %}{{ evil }}{% endfact %}</dl>',
    "figure": '<dl class="figures">{% figure "Stored" "41.3 GB" %}</dl>',
    "tick": '<ul class="ticks">{% tick "Yes" %}{% tick "No" holds=False %}</ul>',
    "todo_item": '<ul>{% todo_item title="A" url="/" action="Go" %}B{% endtodo_item %}</ul>',
    "zone_item": '<ul>{% zone_item title="A" url="/" action="Go" %}B{% endzone_item %}</ul>',
    "crumbs": '{% crumbs %}<li><a href="/">A</a></li><li>B</li>{% endcrumbs %}',
    "steps": '{% steps "One" "Two" "Three" current=2 %}',
    "stage": '<ol>{% stage when=at state="done" %}<b>A</b> {{ evil }}{% endstage %}</ol>',
    "progress": '{% progress label="A" done=1 total=3 text="1 of 3" %}',
    "long_work": '{% long_work told label="A" poll="/p/" %}',
    "pager": '{% pager text="1 to 50" newer="?a" older="?b" %}',
    "copy_field": '{% copy_field evil label="Server ID" %}',
    "qr": '{% qr "https://enigm.example" label="QR code" %}',
    "horizon": "{% horizon days %}",
    "error_summary": "{% error_summary form %}",
    "field": "{% field form.code size='code' %}{% field form.reason %}{% field form.agreed %}",
    "choices": "{% choices form.region columns=2 number=1 %}",
    "post_button": '{% post_button "Approve" to="/x/" style="primary" about=evil icon="check" %}',
}


def render(text: str, **context: object) -> str:
    return Template(text).render(Context({**CONTEXT, **context}))


def read(text: str, **context: object):
    """The elements that a piece of template becomes."""
    return html5lib.parseFragment(render(text, **context), namespaceHTMLElements=False)


def test_every_part_has_an_example_here_and_a_line_in_the_catalogue():
    parts = {name for name in register.tags if not name.startswith("end")}
    assert parts == set(EXAMPLES)
    assert all(re.search(rf"{{% {name}\b", CATALOGUE) for name in parts)
    assert all(rf"\|{name}" in CATALOGUE for name in register.filters)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_part_is_strict_html_with_nothing_inline(example):
    html = render(example)
    proofread(f"<!doctype html><head><title>A</title></head><body><h1>A</h1>{html}</body></html>")
    assert "<script>" not in html


@pytest.mark.parametrize(
    "page", ["400", "403", "403_csrf", "404", "413", "429", "500", "503", "503_unrecorded"]
)
def test_an_error_page_needs_no_request_and_shows_a_way_out(page):
    html = render_to_string(f"{page}.html")
    proofread(html)
    assert 'href="/servers/"' in html


# --- words, numbers, times ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 objects"), (1, "1 object"), (4318, "4,318 objects")]
)
def test_a_number_is_grouped_and_agrees_with_its_noun(number, said):
    assert render('{{ n|counted:"object" }}', n=number) == said
    assert render("{{ n|grouped }}", n=number) == said.split()[0]


def test_an_irregular_plural_is_named():
    assert wording.counted(3, "person,people") == "3 people"


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (18_400_000, "18.4 MB"),
        (99_960_000, "100 MB"),
        (884_000_000, "884 MB"),
        (999_950_000, "1.0 GB"),
        (41_300_000_000, "41.3 GB"),
    ],
)
def test_a_size_has_about_three_digits_and_decimal_units(octets, said):
    assert render("{{ n|bytes }}", n=octets) == said


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("minute", "22 Nov 2026, 09:41 UTC"),
        ("second", "22 Nov 2026, 09:41:07 UTC"),
        ("clock", "09:41:07 UTC"),
        ("date", "22 Nov 2026"),
    ],
)
def test_a_moment_is_said_in_utc(style, said):
    elsewhere = AT.astimezone(tz=timezone.get_fixed_timezone(330))
    for at in (AT, elsewhere):
        element = read("{% moment at style=style %}", at=at, style=style).find("time")
        assert (element.get("datetime"), element.text) == ("2026-11-22T09:41:07Z", said)


def test_a_day_is_just_a_day_and_no_moment_is_nothing():
    assert render("{% moment at %}", at=date(2026, 12, 1)).endswith(">1 Dec 2026</time>")
    assert render("{% moment at %}", at=None) == ""


@pytest.mark.parametrize(
    ("octets", "said"),
    [(2**30, "1 GiB"), (64 * 2**20, "64 MiB"), (3 * 2**29, "1,536 MiB"), (1000, "1,000 bytes")],
)
def test_a_limit_is_said_in_the_unit_in_which_it_is_round(octets, said):
    assert wording.binary_size(octets) == said


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(seconds=-40), "just now"),
        (timedelta(minutes=-20), "20 minutes ago"),
        (timedelta(hours=-1, minutes=-59), "1 hour ago"),
        (timedelta(days=-2, hours=-3), "2 days ago"),
        (timedelta(seconds=40), "in less than a minute"),
        (timedelta(days=7), "in 7 days"),
    ],
)
def test_a_distance_is_said_in_its_largest_unit(distance, said):
    assert wording.relative(AT + distance, AT) == said


def test_a_status_word_knows_its_tone_and_a_page_may_name_another():
    assert 'class="badge badge--danger"' in render('{% badge "Suspended" %}')
    assert 'class="badge badge--plain"' in render('{% badge "Retired" %}')
    assert 'class="badge badge--info"' in render('{% badge "Suspended" tone="info" %}')


def test_messages_take_the_tone_of_their_level():
    assert 'note--danger" role="status"' in render("{% flash_messages %}")
    assert render("{% flash_messages %}", messages=[]).strip() == ""


# --- pictures -------------------------------------------------------------------------------------
def test_a_qr_code_draws_every_dark_module_once():
    code = drawing.qr_code("https://enigm.example/j/")
    modules = segno.make_qr("https://enigm.example/j/", error="m").matrix
    assert sum(map(int, re.findall(r"h(\d+)", code.path))) == sum(map(sum, modules))
    assert code.side == len(modules) + 2


def test_bars_are_as_high_as_their_values_and_an_empty_day_keeps_a_foot():
    highest, half, none = drawing.fading_bars([100, 50, 0])
    assert (highest.height, half.height, none.height) == (132, 66, 1.5)
    assert highest.opacity > half.opacity > none.opacity
    assert drawing.fading_bars([0, 0])[0].height == 1.5
    assert drawing.fading_bars([]) == []


def test_the_horizon_also_says_its_numbers():
    rows = read("{% horizon days %}").findall(".//tbody/tr")
    assert ["".join(row.itertext()) for row in rows] == ["22 Nov 20264,318", "23 Nov 20260"]


def test_where_nothing_is_stored_the_horizon_says_what_will_stand_there():
    nothing = render("{% horizon none %}", none=[(day, 0) for day, _ in CONTEXT["days"]])
    assert "<svg" not in nothing
    assert "Nothing is stored here." in nothing
    assert "23 Nov 2026" in nothing


def drawn(share: tuple[int, int]) -> str:
    """How wide the bar for (part, whole) is, in percent."""
    return re.search(r'width="([\d.]+)"', render("{% share p w %}", p=share[0], w=share[1]))[1]


def test_a_part_of_nothing_is_nothing_and_a_small_part_is_seen():
    widths = [drawn(share) for share in ((0, 0), (0, 9), (1, 9000), (9, 9))]
    assert widths == ["0", "0", "1.2", "100.0"]


def test_steps_before_this_one_are_done():
    items = read('{% steps "One" "Two" "Three" current=2 %}').findall(".//li")
    assert [item.get("aria-current") for item in items] == [None, "step", None]
    assert "(done)" in "".join(items[0].itertext())


# --- forms ----------------------------------------------------------------------------------------
def described(page, control) -> list[str]:
    """The texts that a screen reader adds to a control."""
    ids = (control.get("aria-describedby") or "").split()
    return ["".join(page.find(f".//*[@id='{each}']").itertext()) for each in ids]


def test_a_wrong_field_is_marked_and_described_by_its_hint_and_error():
    page = read("{% field form.code %}")
    control = page.find(".//input")
    assert control.get("aria-invalid") == "true"
    assert described(page, control) == ["Six digits.", "Type it."]
    assert page.find(".//label").get("for") == control.get("id")


def test_a_field_without_errors_is_described_by_its_hint_only():
    page = read("{% field form.code %}", form=Example())
    control = page.find(".//input")
    assert control.get("aria-invalid") is None
    assert described(page, control) == ["Six digits."]


def test_only_fields_that_may_stay_empty_say_so():
    assert "(optional)" in render("{% field form.reason %}")
    assert "(optional)" not in render("{% field form.code %}")
    assert "(optional)" not in render('{% field form.reason size="small" %}')


def test_a_group_of_cards_is_described_as_one_and_a_card_says_its_detail():
    page = read("{% choices form.region %}")
    assert described(page, page.find("fieldset")) == ["It cannot be changed.", "Choose a region."]
    cards = [" ".join("".join(card.itertext()).split()) for card in page.iter("label")]
    assert cards == ["Europe €6 Content stays there", "Asia"]
    assert [card.find("input").get("id") for card in page.iter("label")] == [
        card.get("for") for card in page.iter("label")
    ]


def test_the_error_summary_leads_to_every_wrong_field():
    fields = "{% for bound in form %}{% if bound.name == 'region' %}{% choices bound %}"
    fields += "{% else %}{% field bound %}{% endif %}{% endfor %}"
    page = read("{% error_summary form %}" + fields)
    links = {link.text: link.get("href").removeprefix("#") for link in page.iter("a")}
    assert {"Type it.", "Choose a region.", "Agree to it."} <= set(links)
    assert all(page.find(f".//*[@id='{target}']") is not None for target in links.values())
    assert "The whole does not fit." in "".join(page.find(".//ul").itertext())


def test_a_form_without_errors_has_no_summary():
    assert render("{% error_summary form %}", form=Example()).strip() == ""


def test_the_title_of_a_page_with_errors_says_so():
    page = "{% extends 'base_public.html' %}{% block title %}Sign in{% endblock %}"
    assert "<title>Error: Sign in" in render(page)
    assert "<title>Sign in" in render(page, form=Example())


def test_a_button_of_many_says_whom_it_is_about():
    page = read('{% post_button "Approve" to="/x/" about="Lena Hoff" %}')
    assert "".join(page.find(".//button").itertext()) == "Approve Lena Hoff"
    assert page.find("form").get("action") == "/x/"
