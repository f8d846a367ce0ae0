from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from enigm_command.lib import ring, rotation


class Command(BaseCommand):
    """Replace the master key, while everything runs."""

    help = (
        "Add a master key to ENIGM_MASTER_KEYS_FILE and wrap every data key by it. If it is cut"
        " short, run it again: it goes on. See docs/keys.md for several machines and for backups."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--add", action="store_true", help="only add the key, to be copied first")
        only.add_argument("--drop-old", action="store_true", help="drop keys that wrap nothing")

    def handle(self, *, add: bool, drop_old: bool, **options: Any) -> None:
        if drop_old:
            self.drop_old()
            return
        if rotation.needs_new_key():
            self.say(f"master key {ring.add()} was added to {settings.MASTER_KEYS_FILE}")
        if not add:
            self.rewrap()

    def rewrap(self) -> None:
        """Wrap what older master keys wrap, and name what does not open."""
        done, broken = rotation.rewrap()
        self.say(f"{done:,} data keys were wrapped anew, by master key {ring.newest()[0]}")
        if broken:
            named = ", ".join(map(str, broken))
            raise CommandError(f"the keys of these scopes do not open and were left alone: {named}")

    def drop_old(self) -> None:
        """Drop what no data key needs; refuse to call it done while one does."""
        dropped, needed = rotation.drop_unused()
        for number in dropped:
            self.say(f"master key {number} wrapped nothing and was dropped")
        if needed:
            counts = ", ".join(f"{number} ({count:,})" for number, count in needed.items())
            raise CommandError(f"these still wrap data keys, rotate first: master key {counts}")
        if not dropped:
            self.say("there is no old master key")

    def say(self, line: str) -> None:
        """One line for whoever runs this."""
        self.stdout.write(line)
