from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from audit.vocabulary import POWERS, Action
from lifecycle.causes import PURPOSES, effects
from lifecycle.standing import GRAVITY
from servers.models import Standing

HEAD = """# How a server stands

Drawn by `manage.py standings` from the code that decides it; a test compares the two.

Each arrow is an act that opens or closes a record about the server. Several may be open at once:
the gravest one shows, and when it is closed, the next one does. Whatever somebody placed, only
their own side lifts again: the server's administrators theirs, the platform's operators theirs.
"""
CHANGES = {  # what opens a record of each kind, and what closes it
    Standing.RESTRICTED: (Action.SERVER_RESTRICTED, Action.SERVER_RESTRICTION_LIFTED),
    Standing.RETIRING: (Action.SERVER_RETIRED, Action.SERVER_RETIREMENT_CALLED_OFF),
    Standing.SUSPENDED: (Action.SERVER_SUSPENDED, Action.SERVER_RESUMED),
    Standing.DELETING: (Action.SERVER_DELETION_ORDERED, Action.SERVER_DELETION_CALLED_OFF),
}
ARROWS = [
    *((Standing.ACTIVE, kind, opened) for kind, (opened, _) in CHANGES.items()),
    *((kind, Standing.ACTIVE, closed) for kind, (_, closed) in CHANGES.items()),
    (Standing.DELETING, Standing.DELETED, Action.SERVER_DELETED),
]


class Command(BaseCommand):
    help = "Draw how servers stand, and what changes it, as a document."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(_lines()))


def _lines() -> Iterator[str]:
    yield HEAD
    yield from ("```mermaid", "stateDiagram-v2")
    yield f"    [*] --> {Standing.ACTIVE.value}: {Action.SERVER_CREATED.value}"
    yield from (
        f"    {before.value} --> {after.value}: {act.value}" for before, after, act in ARROWS
    )
    yield f"    {Standing.DELETED.value} --> [*]: {Action.SERVER_FORGOTTEN.value}"
    yield "```"
    yield from ("\n## Which one shows\n", "From the lightest to the gravest:\n")
    yield from (f"{place}. {standing.label}" for place, standing in enumerate(GRAVITY, 1))
    yield "\n## Who opens and who closes it\n"
    yield from ("| standing | opened by | closed by |", "|---|---|---|")
    for standing, acts in CHANGES.items():
        yield f"| {standing.label} | {' | '.join(_who(act) for act in acts)} |"
    yield "\n## What users can do meanwhile\n"
    yield f"| standing | {' | '.join(PURPOSES.values())} |"
    yield "|---|" + "---|" * len(PURPOSES)
    for standing, can in effects():
        yield f"| {standing.label} | {' | '.join('yes' if each else 'no' for each in can)} |"


def _who(act: Action) -> str:
    who = sorted(capacity.label.lower() for capacity in POWERS[act])
    return f"`{act.value}`: {', '.join(who)}"
