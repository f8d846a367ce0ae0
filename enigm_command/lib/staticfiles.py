"""How static files are published: one stylesheet, one script, names that tell their content."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

Paths = dict[str, tuple[Any, str]]

# Each entry: the lines that bring in a part, and the block that the part becomes in their place.
# Within braces the names of a script stay its own, and the rules of a stylesheet in their layer;
# the admin's are in none.
ENTRIES = {
    "css/app.css": (
        re.compile(r'^@import url\("(?P<part>.+)"\) layer\((?P<layer>\w+)\);$', re.M),
        "@layer {layer} {{\n{text}}}",
    ),
    "admin/css/operators.css": (
        re.compile(r"^@import url\('(?P<part>.+)'\);$", re.M),
        "{text}",
    ),
    "js/app.js": (re.compile(r'^import "\./(?P<part>.+)";$', re.M), "{{\n{text}}}"),
}

ADMIN = re.compile(
    r"admin/(css/(base|changelists|forms|responsive|widgets)\.css|js/actions\.js|img/.+\.svg)"
)


class Published(FileSystemFinder):
    """Our own files, and of the framework's admin those that the operators' pages ask for."""

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        """What collectstatic publishes, each with where it lies."""
        yield from super().list(ignore_patterns)
        for name, storage in AppDirectoriesFinder(["django.contrib.admin"]).list(ignore_patterns):
            if ADMIN.fullmatch(name):
                yield name, storage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Joins the parts of each entry, then hashes and compresses. Development serves the parts."""

    def post_process(
        self, paths: Paths, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, Any, Any]]:
        """What collectstatic does after copying: from here on, pages ask for the joined files."""
        if not dry_run:
            for entry in ENTRIES:
                paths = self._joined(entry, paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _joined(self, entry: str, paths: Paths) -> Paths:
        """The files to publish once an entry has taken in its parts."""
        line, block = ENTRIES[entry]
        parts = set()

        def taken_in(found: re.Match[str]) -> str:
            part = str(PurePosixPath(entry).parent / found["part"])
            parts.add(part)
            text = line.sub(taken_in, _text(paths[part]))
            return block.format(text=text, **found.groupdict())

        joined = line.sub(taken_in, _text(paths[entry]))
        self.delete(entry)
        self._save(entry, ContentFile(joined.encode()))
        return {name: at for name, at in paths.items() if name not in parts} | {
            entry: (self, entry)
        }


def _text(at: tuple[Any, str]) -> str:
    storage, name = at
    with storage.open(name) as file:
        return str(file.read().decode())
