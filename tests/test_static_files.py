"""What a browser fetches beside a page: one stylesheet, one script, one typeface, all small."""

import json
import re
from pathlib import Path

import django.contrib.admin
import pytest
from django.core.management import call_command
from django.test import override_settings

from enigm_command.management.commands.build_fonts import CHARACTERS

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
ADMIN_SHEETS = ("base", "changelists", "forms", "responsive", "widgets")
FRAMEWORKS = Path(django.contrib.admin.__path__[0]) / "static/admin/css"
TOKENS = (STATIC / "css/tokens.css").read_text()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder that collectstatic fills, with our own files only."""
    folder = tmp_path_factory.mktemp("static")
    backend = {"staticfiles": {"BACKEND": "enigm_command.lib.staticfiles.HashedStorage"}}
    with override_settings(STATIC_ROOT=str(folder), STORAGES=backend):
        call_command("build_fonts", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(scope="module")
def names(published) -> dict[str, str]:
    """Which hashed file stands for which name."""
    return json.loads((published / "staticfiles.json").read_text())["paths"]


def test_a_page_fetches_one_stylesheet_one_script_one_typeface_and_one_icon(names):
    asked_for = {"css/app.css", "js/app.js", "fonts/manrope-latin.woff2", "favicon.svg"}
    assert {name for name in names if not name.startswith("admin/")} == asked_for


def test_of_the_frameworks_admin_nothing_is_published_but_what_operators_pages_ask_for(names):
    admin = {name for name in names if name.startswith("admin/") and not name.endswith(".svg")}
    assert admin == {"admin/css/operators.css", "admin/js/actions.js", "admin/js/words.js"}


def test_operators_pages_ask_for_one_sheet_of_the_frameworks_and_ours(published, names):
    addresses = r"@import.+;|url\(.+?\)"
    css = (published / names["admin/css/operators.css"]).read_text()
    assert "@import" not in css
    for sheet in ADMIN_SHEETS:
        rules = re.sub(addresses, "", (FRAMEWORKS / f"{sheet}.css").read_text()).strip()
        assert rules in re.sub(addresses, "", css)


def test_every_name_changes_with_its_content(published, names):
    for hashed in names.values():
        assert re.search(r"\.[0-9a-f]{12}\.", hashed)
        assert (published / hashed).is_file()


def test_the_stylesheet_holds_all_its_parts_in_their_layers(published, names):
    css = (published / names["css/app.css"]).read_text()
    assert "@import" not in css
    assert css.index("@layer reset, base") < css.index("@layer reset {")
    for part in (STATIC / "css").rglob("*.css"):
        if part.name not in ("app.css", "tokens.css"):  # the typeface's address is rewritten
            assert part.read_text() in css


def test_the_script_holds_all_its_parts_each_with_its_own_names(published, names):
    js = (published / names["js/app.js"]).read_text()
    assert not re.search(r"^import", js, re.MULTILINE)
    for part in (STATIC / "js").glob("*.js"):
        assert part.name == "app.js" or f"{{\n{part.read_text()}}}" in js


def test_the_stylesheet_points_to_nothing_that_is_not_there(published, names):
    css = published / names["css/app.css"]
    addresses = re.findall(r'url\("(.+?)"\)', css.read_text())
    assert addresses
    assert all((css.parent / address).is_file() for address in addresses)


@pytest.mark.parametrize(
    ("name", "most"),
    [("css/app.css", 8_192), ("js/app.js", 2_048), ("fonts/manrope-latin.woff2", 30_720)],
)
def test_what_travels_stays_small(published, names, name, most):
    hashed = published / names[name]
    compressed = hashed.with_name(f"{hashed.name}.br")
    assert (compressed if compressed.exists() else hashed).stat().st_size <= most


def test_scripts_make_no_markup_from_text_and_are_short():
    for path in (STATIC / "js").glob("*.js"):
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\b|Function\(", text)
        assert len(text.splitlines()) < 50


def test_the_typeface_is_not_built_again_while_it_stands(published):
    built = STATIC / "fonts/manrope-latin.woff2"
    before = built.stat().st_mtime_ns
    call_command("build_fonts", verbosity=0)
    assert built.stat().st_mtime_ns == before


def test_the_stylesheet_asks_for_the_typeface_where_it_has_the_character():
    ranges = re.search(r"unicode-range: (.+?);", TOKENS)[1].split(", ")
    asked = set()
    for each in ranges:
        first, _, last = each.removeprefix("U+").partition("-")
        asked |= set(range(int(first, 16), int(last or first, 16) + 1))
    assert asked == set(CHARACTERS)


# --- colour ---------------------------------------------------------------------------------------
def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


COLOURS = {
    name: pair
    for name, *pair in re.findall(r"--color-([\w-]+): light-dark\((#\w+), (#\w+)\);", TOKENS)
}
PAIRS = [
    (ink, on, 4.5)
    for ink in ("ink", "ink-muted", "ink-faint")
    for on in ("ground", "surface", "sunken")
]
PAIRS += [
    (f"{tone}-ink", on, 4.5)
    for tone in ("good", "warn", "info", "danger")
    for on in (f"{tone}-soft", "surface")
]
PAIRS += [("on-accent", "accent", 4.5), ("on-accent", "accent-hover", 4.5)]
PAIRS += [("on-danger", "danger", 4.5), ("on-danger", "danger-hover", 4.5)]
PAIRS += [(line, on, 3) for line in ("edge", "focus") for on in ("ground", "surface")]


@pytest.mark.parametrize("theme", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize(("ink", "on", "least"), PAIRS, ids=lambda value: str(value))
def test_what_must_be_read_stands_out(ink, on, least, theme):
    assert contrast(COLOURS[ink][theme], COLOURS[on][theme]) >= least


# --- the stylesheet and the templates agree -------------------------------------------------------
def classes_in_templates() -> dict[str, str]:
    """Every class that a template writes out, and one template that does."""
    found = {}
    for path in (ROOT / "templates").rglob("*.html"):
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            for name in re.sub(r"{%.*?%}|{{.*?}}|\S*--(?={)", " ", value).split():
                found.setdefault(name, str(path.relative_to(ROOT)))
    return found


def test_every_class_in_a_template_has_a_rule():
    mails = (ROOT / "templates").rglob("mail.html")  # which carry their own, and load nothing
    admin = Path(django.contrib.admin.__path__[0]).rglob("*.css")
    sheets = [*(STATIC / "css").rglob("*.css"), *admin, *mails]
    styles = "".join(path.read_text() for path in sheets)
    ruled = set(re.findall(r"\.([a-z][\w-]*)", styles))
    unruled = {name: page for name, page in classes_in_templates().items() if name not in ruled}
    assert not unruled
