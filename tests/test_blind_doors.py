"""A stranger learns at no content route, by counting its work, whether a server is there."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enigm_command.lib import locator, vault
from membership import access
from membership.access import Purpose
from servers.models import Standing
from tests.app import app_token
from tests.factories import ServerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R11", "R30")]
STANDINGS = [each for each in Standing if each != Standing.DELETED]
DOORS = {
    "conditions": access.conditions,
    "read": lambda token, typed: refused(access.admit, token, typed, Purpose.READ),
    "feed": lambda token, typed: refused(access.admit_device, token, typed, lambda *one: False),
}


def refused(door, *asked):
    with pytest.raises(access.Refused) as told:
        door(*asked)
    return told.value.code


def work_of(door, typed):
    """Which statements run, and how often each, for a stranger. The platform's key is known."""
    vault.have_at_hand([vault.PLATFORM])
    with CaptureQueriesContext(connection) as asked:
        answer = door(app_token("a stranger"), typed)
    tables = [query["sql"].split(" FROM ")[1].split()[0] for query in asked]
    return Counter(tables), str(answer)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("standing", STANDINGS)
def test_as_much_is_asked_of_no_server_as_of_one_used_lately_and_of_one_at_rest(door, standing):
    server = ServerFactory(standing=standing)
    nowhere = work_of(door, locator.make())
    vault.forget()
    at_rest = work_of(door, server.locator)
    lately = work_of(door, server.locator)
    assert at_rest == lately == nowhere
