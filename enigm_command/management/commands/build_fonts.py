"""`manage.py build_fonts`: the typeface as one small file, made from the installed package."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools import subset

SOURCE = Path(str(files("font_manrope"))) / "files" / "Manrope-VariableFont_wght.ttf"
# As in the `unicode-range` of tokens.css: Latin, and the signs that the panel writes.
CHARACTERS = [*range(0x20, 0x180), *map(ord, "\u2009–—‘’“”•…\u202f€←↑→↓↗−")]
FEATURES = ["calt", "case", "ccmp", "kern", "liga", "locl", "mark", "tnum", "zero"]


class Command(BaseCommand):
    """Writes the subset typeface unless it is there and newer than its source."""

    help = "Subset the Manrope typeface into static/fonts (about 27 kB for every weight)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, unless what was built last time still stands."""
        target = Path(settings.BASE_DIR) / "static" / "fonts" / "manrope-latin.woff2"
        if not _is_current(target):
            _build(target)
            self.stdout.write(f"Built {target.name}: {target.stat().st_size:,} bytes")


def _is_current(target: Path) -> bool:
    newest_source = max(SOURCE.stat().st_mtime, Path(__file__).stat().st_mtime)
    return target.exists() and target.stat().st_mtime > newest_source


def _build(target: Path) -> None:
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with subset.load_font(SOURCE, options) as font:
        subsetter.subset(font)
        subset.save_font(font, partial, options)
    partial.replace(target)  # whoever is serving the old file never sees half a new one
