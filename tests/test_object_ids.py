"""The public ids of objects: one spelling each, and the day in them."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from content.object_ids import NotAnObjectId, parse_public_id, public_id, typed_public_id

DAY, OBJECT = date(2026, 12, 22), UUID("123e4567-e89b-42d3-a456-426614174000")
TEXT = public_id(DAY, OBJECT)


def test_an_id_carries_the_day_and_the_object():
    assert len(TEXT) == 29
    assert parse_public_id(TEXT) == (DAY, OBJECT)
    assert parse_public_id(public_id(date(2026, 1, 1), other := uuid4())) == (
        date(2026, 1, 1),
        other,
    )


@pytest.mark.parametrize(
    "text", ["", "a", TEXT[:-1], TEXT + "a", TEXT.upper(), TEXT[:-1] + "b", "é" * 29, "0" * 29]
)
def test_there_is_one_spelling(text):
    with pytest.raises(NotAnObjectId):
        parse_public_id(text)


def test_people_may_type_it_as_they_like():
    grouped = " ".join(TEXT[at : at + 4] for at in range(0, 29, 4)).upper()
    assert typed_public_id(f"  {grouped}-") == (DAY, OBJECT)
