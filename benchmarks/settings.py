"""The product's settings on the scratch database, with scratch keys, and our peers."""

from importlib.util import find_spec

from benchmarks import scratch
from enigm_command import settings as product
from enigm_command.settings import *  # noqa: F403  # a benchmark runs what the product runs

# With DEBUG on, Django would remember every query that is timed.
DEBUG = SECURE_SSL_REDIRECT = False
ALLOWED_HOSTS = ["testserver"]
PEERS = [name for name in ("auditlog", "pgtrigger", "pghistory") if find_spec(name)]
INSTALLED_APPS = [*product.INSTALLED_APPS, "benchmarks", *PEERS]
ROOT_URLCONF = "benchmarks.urls"
CELERY_BROKER_URL = (
    "memory://localhost/"  # no worker of the product is rung for rows that are not its own
)
DATABASES = {
    alias: {**database, "NAME": scratch.NAME} for alias, database in product.DATABASES.items()
}
STORAGES = {
    **product.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    **{
        f"objects-{region}": {
            "BACKEND": "content.folders.ObjectFolder",
            "OPTIONS": {"location": str(scratch.FOLDER / "objects" / region)},
        }
        for region in ("us", "europe", "asia")
    },
}
LOGGING = {**product.LOGGING, "root": {**product.LOGGING["root"], "level": "WARNING"}}
STATE = scratch.FOLDER
APP_TOKEN_KEYS_FILE = scratch.FOLDER / "app-token-keys.json"
MASTER_KEYS_FILE = scratch.FOLDER / "master-keys.json"
AUDIT_KEYS_FILE = scratch.FOLDER / "audit-keys.json"
AUDIT_CHECKPOINTS_FOLDER = scratch.FOLDER / "checkpoints"
