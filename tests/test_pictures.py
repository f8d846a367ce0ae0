"""The tour: its pictures are there, and where there is no browser the command says so."""

import re

import pytest
from django.core.management import call_command

from enigm_command.devstack import Refused, paths


def test_pictures_are_refused_in_one_line_where_there_is_no_browser(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere")

    with pytest.raises(Refused, match=r"a real browser needs (Playwright|Chromium): .+"):
        call_command("screenshots")


def test_every_picture_of_the_tour_is_there_and_small():
    folder = paths.ROOT / "docs"
    named = set(re.findall(r"\((images/\S+\.png)\)", (folder / "tour.md").read_text()))

    assert named == {f"images/{path.name}" for path in (folder / "images").iterdir()}
    assert all((folder / name).stat().st_size < 150_000 for name in named)
