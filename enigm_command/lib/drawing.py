"""Pictures as plain numbers, which templates turn into SVG: bars and QR codes."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import segno

WIDTH, HEIGHT = 1000, 132
FAINTEST = 0.38
QUIET_ZONE = 1  # modules of white inside the picture; the tile around it adds the rest


class Bar(NamedTuple):
    """One bar of a chart, in the units of a picture of WIDTH by HEIGHT and a little headroom."""

    x: float
    y: float
    width: float
    height: float
    opacity: float


class Code(NamedTuple):
    """A QR code: its side in modules, and one SVG path of horizontal strokes."""

    side: int
    path: str


def fading_bars(values: Sequence[int]) -> list[Bar]:
    """Bars as high as their values, paler towards the last. An empty day keeps a visible foot."""
    highest, place = max([*values, 1]), WIDTH / max(len(values), 1)
    fade = (1 - FAINTEST) / max(len(values) - 1, 1)
    heights = [max(1.5, HEIGHT * value / highest) for value in values]
    return [
        Bar(
            x=round((number + 0.14) * place, 1),
            y=round(HEIGHT + 8 - height, 1),
            width=round(place * 0.72, 1),
            height=round(height, 1),
            opacity=round(1 - fade * number, 2),
        )
        for number, height in enumerate(heights)
    ]


def qr_code(text: str) -> Code:
    """The QR code of a text, readable with up to 15 % of it damaged."""
    rows = segno.make_qr(text, error="m").matrix
    path = "".join(
        f"M{start + QUIET_ZONE} {number + QUIET_ZONE + 0.5}h{length}"
        for number, row in enumerate(rows)
        for start, length in _dark_runs(row)
    )
    return Code(len(rows) + 2 * QUIET_ZONE, path)


kept_qr_code = lru_cache(maxsize=256)(qr_code)  # for texts that are no secret: it holds them


def _dark_runs(row: bytearray) -> list[tuple[int, int]]:
    return [(run.start(), len(run[0])) for run in re.finditer(b"\x01+", row)]
