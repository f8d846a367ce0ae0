"""The secrets that development makes for itself. Production is handed its own."""

from django.conf import settings

from audit import keys as audit_keys
from enigm_command.devstack import issuer
from enigm_command.lib import ring


def prepare() -> None:
    """Make the master key ring, the keys of app tokens and of the log; those there stay."""
    if settings.DEBUG:
        ring.make(settings.MASTER_KEYS_FILE)
        issuer.make_keys()
        audit_keys.make(settings.AUDIT_KEYS_FILE)
