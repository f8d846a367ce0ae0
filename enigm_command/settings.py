"""Every setting of Enigm Command, and the only place where environment variables are named.

In development nothing need be set: an unset DATABASE_URL means embedded services, and those mean
DEBUG. With DEBUG off, each missing setting stops the start in one line that names it.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from enigm_command.devstack import paths
from enigm_command.environment import (
    BASE_DIR,
    BUCKETS,
    DEBUG,
    EMBEDDED,
    STATE,
    addresses,
    bodies,
    broker,
    contact,
    database,
    env,
    formed,
    needed,
    networks,
)

if EMBEDDED and not DEBUG:
    raise ImproperlyConfigured(
        f"{' and '.join(EMBEDDED)} must be set: with DEBUG off, no service is embedded."
    )

# --- who and where --------------------------------------------------------------------------------
SECRET_KEY = needed(
    "SECRET_KEY",
    development="in development nothing that this signs leaves the machine",
    form=r".{50,}",
)
SITE_URL = needed(
    "SITE_URL",
    development="http://localhost:8000",
    form=r"https://[^/\s]+|http://localhost(:\d+)?",  # elsewhere browsers offer no passkeys
)
ALLOWED_HOSTS = re.split(
    r"\s*,\s*", needed("ALLOWED_HOSTS", development="127.0.0.1,localhost,[::1],testserver")
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
MASTER_KEYS_FILE = Path(
    needed("ENIGM_MASTER_KEYS_FILE", development=str(STATE / "master-keys.json"))
)
SECURITY_CONTACT = contact("SECURITY_CONTACT", development="mailto:security@enigm.example")
PUBLIC_CONTACT = contact("PUBLIC_CONTACT", development="mailto:help@enigm.example")
APP_ADDRESSES = addresses("APP_ADDRESSES", env.str("APP_ADDRESSES", default=""))

# --- the application ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "enigm_command",  # first: a command of ours stands before one of Django's
    "accounts.apps.AdminWithoutLog",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "csp",
    "enigm_command.lib",
    "audit",
    "accounts",
    "django_otp_webauthn",
    "servers",
    "membership",
    "content",
    "lifecycle",
]
MIDDLEWARE = [
    # headers first: nothing is answered without them
    "csp.middleware.CSPMiddleware",
    "enigm_command.lib.headers.SecurityHeaders",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "enigm_command.lib.compression.CompressedPages",
    "enigm_command.lib.edge.Edge",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.ReadWithTheSession",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SignedInByDefault",
]
ROOT_URLCONF = "enigm_command.urls"
WSGI_APPLICATION = "enigm_command.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "enigm_command.panel.navigation.navigation",
            ],
            "builtins": ["enigm_command.lib.templatetags.components"],
        },
    }
]
MIGRATION_MODULES = {"admin": None}  # it has no table
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database: the application role runs, the owner role migrates ---------------------------------
DATABASES = {
    "default": database(
        "DATABASE_URL", needed("DATABASE_URL", development=paths.embedded_database("enigm_app"))
    ),
    "owner": database(
        "DATABASE_OWNER_URL",
        env.str("DATABASE_OWNER_URL", default="")
        or needed("DATABASE_URL", development=paths.embedded_database("enigm_owner")),
    ),
}
DATABASE_REGION = env.str("DATABASE_REGION", default="*" if DEBUG else "europe")

# --- storage of bodies, one alias for each region -------------------------------------------------
OBJECTS_FOLDER = Path(env.str("OBJECTS_FOLDER", default=str(STATE / "objects")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is kept there
    "staticfiles": {"BACKEND": "enigm_command.lib.staticfiles.HashedStorage"},
    **{
        f"objects-{region}": bodies(f"OBJECTS_{region.upper()}_URL", url, OBJECTS_FOLDER / region)
        for region, url in BUCKETS.items()
    },
}

# --- people who sign in ---------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Account"
OPERATOR_NETWORKS = networks("OPERATOR_NETWORKS", env.str("OPERATOR_NETWORKS", default=""))
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username"]},
    },
    {"NAME": "accounts.passwords.ContextWords"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "servers"
OTP_TOTP_ISSUER = OTP_WEBAUTHN_RP_NAME = "Enigm Command"
OTP_WEBAUTHN_RP_ID = urlsplit(SITE_URL).hostname  # a passkey is good for this name alone, for ever
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL]
OTP_WEBAUTHN_CREDENTIAL_MODEL = "accounts.Passkey"
OTP_WEBAUTHN_HELPER_CLASS = "accounts.ceremonies.Ceremony"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False  # to the library; `accounts.ceremonies` sees to it
OTP_WEBAUTHN_SUPPORTED_COSE_ALGORITHMS = [-8, -7]  # EdDSA, ES256

# --- cookies, transport, content policy -----------------------------------------------------------
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("sid", "csrf") if DEBUG else ("__Host-sid", "__Host-csrf")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc  # where pages are redirected to, whoever was asked
SECURE_REDIRECT_EXEMPT = [r"^api/"]  # a program must notice: it is refused instead
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE, CSRF_COOKIE_SAMESITE = "Lax", "Strict"
SESSION_ENGINE = "accounts.sessions"  # keys hashed, contents sealed
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 0 if DEBUG else 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
TRUSTED_PROXIES = int(formed("BEHIND_PROXY", env.str("BEHIND_PROXY", default="0"), r"\d"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
REPORT_URL, REPORT_GROUP = "/content-policy-reports/", "content-policy"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
        "report-uri": [REPORT_URL],
        "report-to": [REPORT_GROUP],
    }
}

# --- words and times ------------------------------------------------------------------------------
LANGUAGE_CODE, USE_I18N, USE_TZ = "en", False, True
TIME_ZONE, DATETIME_FORMAT = "UTC", "j M Y, H:i T"

# --- static files ---------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["enigm_command.lib.staticfiles.Published"]  # of packages' own, few
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs them
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False  # what was published, in development too

# --- mail -----------------------------------------------------------------------------------------
MAIL_FORM = r"(smtp|smtp\+tls|smtp\+ssl)://\S+" + ("|consolemail://" if DEBUG else "")
EMAIL_URL = needed("EMAIL_URL", development="consolemail://", form=MAIL_FORM)
vars().update(env.email_url_config(EMAIL_URL), EMAIL_TIMEOUT=10)
DEFAULT_FROM_EMAIL = needed(
    "MAIL_FROM", development="Enigm Command <command@enigm.example>", form=r"[^@\n]+@[^@\n]+"
)

# --- buying ---------------------------------------------------------------------------------------
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="test" if DEBUG else "none")
SALES_CONTACT = env.str("SALES_CONTACT", default="sales@enigm.example" if DEBUG else "")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
TAX_NAME = formed("TAX_NAME", env.str("TAX_NAME", default=""), r".{0,30}")
TAX_PERCENT = formed("TAX_PERCENT", env.str("TAX_PERCENT", default="0"), r"\d{1,2}(\.\d{1,2})?")
TAX_RULE = env.str("TAX_RULE", default=f"servers.purchase.taxes.{'flat' if TAX_NAME else 'none'}")
INVOICE_SELLER = env.str("INVOICE_SELLER", default="Enigm" if DEBUG else "")
INVOICE_BANK = env.str("INVOICE_BANK", default="")

# --- the Enigm App's tokens -----------------------------------------------------------------------
APP_TOKEN_ISSUER = needed("APP_TOKEN_ISSUER", development="https://identity.enigm.example")
APP_TOKEN_AUDIENCE = needed("APP_TOKEN_AUDIENCE", development="enigm-command")
APP_TOKEN_KEYS_URL = formed(
    "APP_TOKEN_KEYS_URL",
    env.str("APP_TOKEN_KEYS_URL", default=""),
    rf"(http{'s?' if DEBUG else 's'}://\S+)?",
)
APP_TOKEN_KEYS_FILE = Path(
    str(STATE / "app-token-keys.json")
    if APP_TOKEN_KEYS_URL  # then no file is read
    else needed("APP_TOKEN_KEYS_FILE", development=str(STATE / "app-token-keys.json"))
)

# --- the audit log's signatures, kept outside the database ----------------------------------------
AUDIT_KEYS_FILE = Path(needed("AUDIT_KEYS_FILE", development=str(STATE / "audit-keys.json")))
AUDIT_CHECKPOINTS_FOLDER = Path(
    needed("AUDIT_CHECKPOINTS_FOLDER", development=str(STATE / "checkpoints"))
)
WITNESS_URL = formed("WITNESS_URL", env.str("WITNESS_URL", default=""), r"(https?://\S+)?")
VKEY = r"\S+\+[0-9a-f]{8}\+\S+" if WITNESS_URL else ".*"
WITNESS_KEY = formed("WITNESS_KEY", env.str("WITNESS_KEY", default=""), VKEY)

# --- work in the background -----------------------------------------------------------------------
REDIS_FORM = r"(redis|rediss|unix)://.+"
CELERY_BROKER_URL = broker(needed("REDIS_URL", development=paths.embedded_redis(), form=REDIS_FORM))
CELERY_TASK_DEFAULT_QUEUE = env.str("ENIGM_QUEUE", default="enigm")
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 90, 120
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "retry_on_timeout": False,
    "max_retries": 0,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory: every sweep is safe to run again

# --- logs: no identity, no row contents -----------------------------------------------------------
LOG_LEVEL = formed(
    "LOG_LEVEL", env.str("LOG_LEVEL", default="INFO"), "DEBUG|INFO|WARNING|ERROR|CRITICAL"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "enigm_command.lib.logs.Scrubbed"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # A refusal names its path, and that can hold a secret.
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        # The web server's own lines name paths too, so they pass through the same formatter.
        "gunicorn.access": {"handlers": ["console"], "propagate": False},
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
        **{name: {"level": "WARNING"} for name in ("boto3", "botocore", "stripe", "urllib3")},
    },
}
