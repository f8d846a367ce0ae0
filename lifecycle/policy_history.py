"""What a server's policy said before, who changed it, and when."""

from dataclasses import dataclass

from django.utils.http import urlencode

from audit.models import AuditEvent
from audit.vocabulary import Action
from enigm_command.lib.paging import SIZE
from servers import policy
from servers.models import PolicyVersion, Server
from servers.policy import Change


@dataclass(frozen=True, slots=True)
class Line:
    """One version: what it changed, and the entry of the log that tells of it."""

    version: PolicyVersion
    changes: list[Change]
    event: AuditEvent | None

    @property
    def query(self) -> str:
        """Everything it says, as the review of putting it back takes it."""
        return urlencode(policy.codes_of(self.version))


@dataclass(frozen=True, slots=True)
class History:
    """A page of versions, the newest first, and the number before which the next page begins."""

    lines: list[Line]
    before: int | None


def history(server: Server, before: int | None = None) -> History:
    """The versions of a server's policy, from the newest one or from before a number."""
    versions = PolicyVersion.objects.of(server.pk)
    if before is not None:
        versions = versions.filter(number__lt=before)
    found = list(versions[: SIZE + 1])
    events = _events(server, found)
    earlier = [*found[1:], None]
    lines = [
        Line(one, policy.changes(last, one) if last else [], events.get(one.number))
        for one, last in zip(found, earlier, strict=True)
    ]
    return History(lines[:SIZE], found[SIZE - 1].number if len(found) > SIZE else None)


def _events(server: Server, versions: list[PolicyVersion]) -> dict[int, AuditEvent]:
    """The entries of these versions, by number; the first version was made with the server."""
    since = versions[-1].made_at if versions else None
    told = AuditEvent.objects.of(server.pk).filter(filed_as=Action.POLICY_CHANGED)
    found = told.filter(filed_at__gte=since).disclosed() if since else []
    return {event.data["version"]: event for event in found if not event.is_refused}
