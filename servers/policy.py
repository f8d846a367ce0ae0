"""What a server can decide for itself: each setting, its steps, and the bounds of the platform.

Everywhere outside the table a value is a code, a whole number: seconds, bytes, a count, or 0 and 1.
Codes stand in addresses, in confirmations and in the log; the words for them are made here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from enigm_command.lib.wording import binary_size, counted, span
from servers.models.policy import LARGEST_OBJECT, PolicyBound, PolicyVersion

NEVER = 10**10  # seconds: later than any time that can be set
HOUR, DAY = 60 * 60, 24 * 60 * 60
MIB = 2**20
Codes = dict[str, int]


class OutsideBounds(Exception):
    """The platform does not let servers go so far in this setting."""


class NoSuchBound(Exception):
    """There is no such setting, or these are none of its steps."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a policy decides. `steps` are the codes a page offers, in rising order."""

    name: str
    label: str
    steps: tuple[int, ...]
    help: str = ""

    def read(self, version: PolicyVersion) -> int:
        """The code of what a version says."""
        return int(getattr(version, self.name))

    def value(self, code: int) -> Any:
        """What stands in a version for this code."""
        return code

    def words(self, code: int) -> str:
        """What the code means, as people read it."""
        return counted(code, "person,people")


class Span(Setting):
    """A length of time."""

    def read(self, version: PolicyVersion) -> int:
        """Its seconds."""
        length = getattr(version, self.name)
        return NEVER if length is None else int(length.total_seconds())

    def value(self, code: int) -> timedelta | None:
        """The length; None for never."""
        return None if code == NEVER else timedelta(seconds=code)

    def words(self, code: int) -> str:
        """The length in its largest unit."""
        return {0: "at once", NEVER: "never"}.get(code) or span(timedelta(seconds=code))


class Size(Setting):
    """A number of bytes."""

    def words(self, code: int) -> str:
        """The size in binary units, in which its steps are round."""
        return binary_size(code)


@dataclass(frozen=True, slots=True)
class Switch(Setting):
    """One of two ways: what is said when it is off, and when it is on."""

    off: str = "no"
    on: str = "yes"

    def value(self, code: int) -> bool:
        """Is it on?"""
        return bool(code)

    def words(self, code: int) -> str:
        """Which of the two."""
        return self.on if code else self.off


LIFETIMES = (HOUR, DAY, 7 * DAY, 14 * DAY, 30 * DAY)
EITHER = (0, 1)
SETTINGS = {
    setting.name: setting
    for setting in (
        Span("message_lifetime", "Messages live at most", LIFETIMES),
        Span("media_lifetime", "Media live at most", LIFETIMES),
        Switch(
            "media_allowed",
            "Media",
            EITHER,
            "What is stored already lives out its time.",
            off="not taken in",
            on="taken in",
        ),
        Size(
            "largest_object",
            "An object has at most",
            (MIB, 16 * MIB, 64 * MIB, 256 * MIB, LARGEST_OBJECT),
            "What is stored already and is larger lives out its time.",
        ),
        Switch("joins_open", "Asking to join", EITHER, off="paused", on="open"),
        Setting(
            "queue_cap",
            "Waiting to join at most",
            (10, 50, 100, 200, 500),
            "Whoever asks when so many wait is not told, and not seen.",
        ),
        Span(
            "ask_again_after",
            "Asking again after a rejection",
            (0, DAY, 7 * DAY, 30 * DAY, NEVER),
        ),
        Switch(
            "removal_deletes",
            "What a removed user has sent",
            EITHER,
            "What a removal suggests. Whoever removes decides.",
            off="stays until it expires",
            on="is deleted",
        ),
        Switch(
            "emptying_needs_two",
            "Deleting all content needs",
            EITHER,
            "All at once, or all from some age on. One kind, or one user, still takes one.",
            off="one administrator",
            on="two administrators",
        ),
        Span(
            "deletion_delay",
            "Server deletion waits",
            (DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY),
            "The time in which any administrator can call it off.",
        ),
        Switch(
            "deletion_needs_two",
            "Server deletion needs",
            EITHER,
            off="its owner",
            on="its owner and a second administrator",
        ),
        Switch(
            "tells_every_change",
            "Notices of policy changes",
            EITHER,
            "When content goes sooner, every administrator is told in any case.",
            off="when content goes sooner",
            on="of every change",
        ),
    )
}
BEFORE = frozenset(f"{name}_before" for name in SETTINGS)  # as entries of the log name them


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, before and after."""

    setting: Setting
    before: int
    after: int

    @property
    def label(self) -> str:
        """What is changed."""
        return self.setting.label

    @property
    def was(self) -> str:
        """The earlier value in words."""
        return self.setting.words(self.before)

    @property
    def becomes(self) -> str:
        """The later value in words."""
        return self.setting.words(self.after)


def codes_of(version: PolicyVersion) -> Codes:
    """All that a version says."""
    return {name: setting.read(version) for name, setting in SETTINGS.items()}


def values_of(codes: Mapping[str, int]) -> dict[str, Any]:
    """The same as a version's fields."""
    return {name: SETTINGS[name].value(code) for name, code in codes.items()}


def changes(before: PolicyVersion, after: PolicyVersion) -> list[Change]:
    """In what two versions differ, in the order of the page."""
    pairs = [(one, one.read(before), one.read(after)) for one in SETTINGS.values()]
    return [Change(*pair) for pair in pairs if pair[1] != pair[2]]


def as_data(made: list[Change]) -> dict[str, int]:
    """Changes as an entry of the log holds them."""
    later = {change.setting.name: change.after for change in made}
    return later | {f"{change.setting.name}_before": change.before for change in made}


def in_data(data: Mapping[str, Any]) -> Iterator[Change]:
    """The changes that an entry of the log tells of: none, of most."""
    if BEFORE.isdisjoint(data):
        return
    for name, setting in SETTINGS.items():
        before = data.get(f"{name}_before")
        if isinstance(before, int):
            yield Change(setting, before, data[name])


def bounds() -> dict[str, PolicyBound]:
    """How far servers may go in each setting; where nobody said so, as far as its steps."""
    said = {bound.setting: bound for bound in PolicyBound.objects.all()}
    return {name: said.get(name) or _widest(setting) for name, setting in SETTINGS.items()}


def defaults() -> dict[str, Any]:
    """The fields of a new server's first version."""
    return values_of({name: bound.default for name, bound in bounds().items()})


def require_within_bounds(made: list[Change]) -> None:
    """OutsideBounds when one of the changes goes too far, or touches what is locked."""
    bound = bounds()
    outside = [change.label for change in made if not _lets(bound[change.setting.name], change)]
    if outside:
        raise OutsideBounds(", ".join(outside))


def bound_for(name: str, *, default: int, least: int, most: int, locked: bool) -> PolicyBound:
    """A bound that could be set; NoSuchBound when it makes no sense."""
    steps = SETTINGS[name].steps if name in SETTINGS else ()
    if not {default, least, most} <= set(steps) or not least <= default <= most:
        raise NoSuchBound(name)
    return PolicyBound(setting=name, default=default, least=least, most=most, locked=locked)


def _lets(bound: PolicyBound, change: Change) -> bool:
    return not bound.locked and bound.least <= change.after <= bound.most


def _widest(setting: Setting) -> PolicyBound:
    default = setting.read(PolicyVersion())
    least, *_, most = setting.steps
    return PolicyBound(setting=setting.name, default=default, least=least, most=most)
