"""Markup that is composed in Python says what people wrote, and never does what they wrote."""

import pytest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from enigm_command.lib.markup import filled, filled_each

VALUES = ["<script>", "a & b", "\"'", 7, None, 1.5, mark_safe("<b>bold</b>"), "{}", "é\x00"]


class Marked:
    def __html__(self) -> str:
        return "<i>marked</i>"


@pytest.mark.parametrize("value", [*VALUES, Marked()])
def test_it_escapes_what_django_would_escape(value):
    made = filled('<p title="{}">{}</p>', value, value)
    assert made == format_html('<p title="{}">{}</p>', value, value)
    assert isinstance(made, SafeString)
    assert conditional_escape(made) == made


def test_rows_are_filled_one_after_the_other():
    made = filled_each("<li>{}</li>", ([each] for each in ("<a>", filled("<b>{}</b>", "&"))), "\n")
    assert made == "<li>&lt;a&gt;</li>\n<li><b>&amp;</b></li>"
    assert isinstance(made, SafeString)
    assert filled_each("<li>{}</li>", []) == ""
