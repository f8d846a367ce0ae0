"""The roof of Enigm Command. It may name every app below it; none of them may name it."""

try:
    from .celery import app as celery_app
except (
    ModuleNotFoundError
) as missing:  # the bootstrap reads this package before anything is installed
    if missing.name not in ("celery", "django"):
        raise

__all__ = ["celery_app"]
