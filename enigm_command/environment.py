"""Reading the environment. What is missing or malformed stops the start in one line naming it."""

import re
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from enigm_command.devstack import paths

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

STATE = paths.state_folder()
EMBEDDED = [name for name in ("DATABASE_URL", "REDIS_URL") if not env.str(name, default="")]
BUCKETS = {
    "us": env.str("OBJECTS_US_URL", default=""),
    "europe": env.str("OBJECTS_EUROPE_URL", default=""),
    "asia": env.str("OBJECTS_ASIA_URL", default=""),
}
BUCKET = re.compile(
    r"s3(?P<plain>\+http)?://(?P<key>[^\s:/@]+):(?P<secret>[^\s:/@]+)@(?P<host>[^\s/@?]+)"
    r"/(?P<bucket>[a-z0-9][a-z0-9.-]{2,62})\?region=(?P<region>[\w-]+)"
)
DEBUG = env.bool("DEBUG", default="DATABASE_URL" in EMBEDDED)


def needed(name: str, *, development: str, form: str = ".+") -> str:
    """The setting's value; in development a default, in production an error that names it."""
    value: str = env.str(name, default="")
    if value or DEBUG:
        return formed(name, value or development, form)
    raise ImproperlyConfigured(
        f"{name} is not set. With DEBUG off it has no default: see .env.example."
    )


def formed(name: str, value: str, form: str) -> str:
    """The value, if it has the form that it must have; else an error that names it."""
    if re.fullmatch(form, value):
        return value
    raise ImproperlyConfigured(f"{name} is wrong: it must have the form {form}")


def contact(name: str, *, development: str) -> str:
    """Where people write to: `mailto:` and an address, or the https address of a page."""
    return needed(name, development=development, form=r"(mailto:|https://).+")


def addresses(name: str, value: str) -> dict[str, str]:
    """What each is called and where it lies, of `Android=https://…, iPhone=https://…`."""
    pairs = [each.strip() for each in value.split(",") if each.strip()]
    for pair in pairs:
        formed(name, pair, r"[^=]+=https://\S+")
    return dict(pair.split("=", 1) for pair in pairs)


def networks(name: str, value: str) -> list[IPv4Network | IPv6Network]:
    """The networks of a list such as `192.0.2.0/24, 2001:db8::/32`."""
    try:
        return [ip_network(each.strip()) for each in value.split(",") if each.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is wrong: {error}") from None


def database(name: str, url: str) -> dict:
    """Django's form of a libpq address; what Django has no name for becomes an option."""
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:  # which would print the address, password and all
        raise ImproperlyConfigured(f"{name} is wrong: it is no PostgreSQL address") from None
    names = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{django: str(parts.pop(libpq, "")) for django, libpq in names.items()},
        "OPTIONS": parts,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def broker(url: str) -> str:
    """The same address as Celery spells it: `unix:///path?db=1` is its `redis+socket`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


def bodies(name: str, url: str, folder: Path) -> dict:
    """Where a region's bodies lie: in the bucket that `url` names, or without one in `folder`."""
    if not url:
        return {"BACKEND": "content.folders.ObjectFolder", "OPTIONS": {"location": str(folder)}}
    if not (named := BUCKET.fullmatch(url)):
        raise ImproperlyConfigured(
            f"{name} is wrong: it must have the form s3://KEY:SECRET@HOST/BUCKET?region=REGION"
        )
    if find_spec("boto3") is None:
        raise ImproperlyConfigured(f"{name} names a bucket: that takes requirements/s3.txt")
    options = {
        "setting": name,
        "access_key": unquote(named["key"]),
        "secret_key": unquote(named["secret"]),
        "endpoint_url": f"{'http' if named['plain'] else 'https'}://{named['host']}",
        "bucket_name": named["bucket"],
        "region_name": named["region"],
    }
    return {"BACKEND": "content.buckets.ObjectBucket", "OPTIONS": options}
