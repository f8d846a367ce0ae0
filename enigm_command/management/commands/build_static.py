import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from enigm_command.lib import staticfiles


class Command(BaseCommand):
    help = "Publish the static files, typeface included, if any of them has changed."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("build_fonts")
        stamp, now = Path(settings.STATIC_ROOT, "published-from"), fingerprint()
        if not stamp.exists() or stamp.read_text() != now:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(now)


def fingerprint() -> str:
    """A mark of every source's place, size and time, and of what publishes them."""
    told = hashlib.sha256()
    for path in [Path(staticfiles.__file__), *_sources()]:
        found = path.stat()
        told.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return told.hexdigest()


def _sources() -> Iterator[Path]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield Path(storage.path(name))
