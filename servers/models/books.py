"""How long the law has what was bought and paid kept, and not a day longer."""

from django.db import models

YEARS_KEPT = 10  # after the end of the year, as the Swiss Code of Obligations asks in article 958f


class OldestYear(models.Func):
    """When the oldest year began whose books are still to be kept."""

    template = f"date_trunc('year', now()) - interval '{YEARS_KEPT} years'"
    output_field = models.DateTimeField()
