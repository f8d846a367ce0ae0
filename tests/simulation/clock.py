"""The database's clock, where the simulation puts it. It does not go on by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from enigm_command.lib import clock

BEGINNING = datetime(2024, 3, 1, 12, tzinfo=UTC)
INSTALL = Path(__file__).with_name("clock.sql")
REMOVE = Path(__file__).with_name("remove_clock.sql")


def install(superuser: Any) -> None:
    """Before any transaction that uses it."""
    superuser.execute(INSTALL.read_bytes())


def remove(superuser: Any) -> None:
    """After all of them."""
    superuser.execute(REMOVE.read_bytes())


class StandingClock:
    """What the product takes for the time, for as long as this transaction lasts."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path = simulated, pg_catalog, public")
        self._put(BEGINNING)
        assert clock.now() == BEGINNING

    def go_on(self, time: timedelta) -> None:
        """Never back."""
        self._put(self.now + time)

    def _put(self, moment: datetime) -> None:
        self.now = moment
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('simulated.now', %s, true)", [moment.isoformat()])
