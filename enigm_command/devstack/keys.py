"""The secrets that development makes for itself. Production is handed its own."""

from django.conf import settings

from enigm_command.devstack import issuer
from enigm_command.lib import vault


def prepare() -> None:
    """Make the master key ring and the keys of app tokens; those that are there stay."""
    if settings.DEBUG:
        vault.make_ring(settings.MASTER_KEYS_FILE)
        issuer.make_keys()
