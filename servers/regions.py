"""Where a server's encrypted content is kept: three regions, and nothing finer is ever named."""

from django.db import models


class Region(models.TextChoices):
    """Chosen by the buyer, fixed for the server's life; it changes nobody's access."""

    US = "us", "United States"
    EUROPE = "europe", "Europe"
    ASIA = "asia", "Asia"


def storage_alias(region: str) -> str:
    """The name in `STORAGES` of the place that keeps this region's bodies."""
    return f"objects-{Region(region).value}"
