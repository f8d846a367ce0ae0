"""The join desk under a flood. Minutes long, so it is run by `manage.py test --flood` alone."""

import pytest

from tests.blind_desk import flood, guess

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R11", "R30")]


def test_five_hundred_guesses_and_one_server_of_every_kind_get_one_answer():
    guess(times=500)


def test_ten_thousand_requests_of_a_hundred_people_break_no_cap(server, ada):
    flood(server, ada, people=100, times=100)
