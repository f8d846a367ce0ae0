"""Nobody learns from the join desk which Server IDs lead somewhere, however often they try.

`manage.py test --flood` does the same with 500 guesses and 10,000 requests; `manage.py bench desk`
measures the time.
"""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enigm_command.lib import locator
from tests.app import App
from tests.blind_desk import flood, guess
from tests.closed_servers import CLOSED
from tests.factories import ServerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R11", "R30")]


def test_guesses_and_one_server_of_every_kind_get_one_answer():
    guess(times=50)


def test_however_often_a_hundred_people_ask_every_cap_holds(server, ada):
    flood(server, ada, people=100, times=4)


@pytest.mark.django_db(transaction=True)
def test_as_much_is_asked_written_and_committed_as_for_a_request_that_is_kept():
    """What `manage.py bench desk` measures in time, counted."""
    uma = App("uma")
    uma.ask(locator.make())  # now the platform's own key is known, by which tries are counted
    kept = work_of(uma, ServerFactory().locator)
    assert kept["COMMIT"] >= 1
    for name, make in CLOSED.items():
        assert work_of(uma, make().locator) == kept, name


def work_of(app: App, server_id: str) -> Counter[str]:
    """How often each kind of statement runs, also where nobody has been for a minute."""
    app.secret = app.secret[1:] + app.secret[0]
    with CaptureQueriesContext(connection) as queries:
        app.ask(server_id)
    words = Counter(query["sql"].split()[0] for query in queries)
    words.pop("ROLLBACK", None)  # what is not welcome is taken back: that is the one difference
    return words
