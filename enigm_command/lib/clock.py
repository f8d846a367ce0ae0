"""Time as the database tells it. The clocks of the machines around it decide nothing."""

from datetime import UTC, datetime
from typing import cast

from django.db import connection, models

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # `-infinity` does not survive the driver


class ClockNow(models.Func):
    """This very moment. Django's `Now()` is when the statement began, before it waited."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class ThisMinute(models.Func):
    """The minute that is running, where the exact moment is nobody's business."""

    template = "date_trunc('minute', clock_timestamp())"
    output_field = models.DateTimeField()


class ThisHour(models.Func):
    """The full hour, UTC, in which this moment lies."""

    template = "date_trunc('hour', clock_timestamp(), 'UTC')"
    output_field = models.DateTimeField()


class UtcDay(models.Func):
    """The UTC day of a moment, whatever time zone the session has."""

    template = "(%(expressions)s AT TIME ZONE 'UTC')::date"
    output_field = models.DateField()
    arity = 1


class UtcWeek(models.Func):
    """The Monday of a moment's week in UTC, where the day is nobody's business."""

    template = "date_trunc('week', %(expressions)s AT TIME ZONE 'UTC')::date"
    output_field = models.DateField()
    arity = 1


def now() -> datetime:
    """The database's clock at this moment, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cast(datetime, cursor.fetchone()[0])
