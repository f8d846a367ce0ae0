"""A witness: somebody else who signs that the platform's log has only grown.

What must never happen: the platform shows one history to some and another to others, and nobody can
tell. What helps against it: a witness signs a checkpoint only after a proof that it continues the
last one that it signed, and it remembers that one where we cannot reach it. It never sees an entry.

c2sp.org/tlog-witness: POST <WITNESS_URL>/add-checkpoint with `old <size>`, the consistency proof
from there in base64, an empty line, the checkpoint. It answers with its signature lines
(c2sp.org/tlog-cosignature), or with 409 and the size that it remembers.
"""

from base64 import b64encode
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.request import HTTPErrorProcessor, Request, build_opener

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Max

from . import checkpoint, proofs
from .models import AuditCosignature
from .note import COSIGNATURE, NUMBER, Checkpoint, Unsigned, Verifier, open_note
from .recording import PLATFORM

PATIENCE = 5  # seconds
LONGEST_ANSWER = 65_536  # bytes
SIZE = "text/x.tlog.size"
REFUSALS = {
    400: "it cannot read what it was sent",
    403: "it does not trust the key that signs the log",
    404: "it does not know the log",
    409: "it has signed another root for the same size: the log was rewritten, or has forked",
    422: "the proof does not show that the log continues what it signed before",
}


class Unwitnessed(Exception):
    """The witness did not sign. The message says why."""


class Remembered(Unwitnessed):
    """The witness expects a proof from another size than the one it was given."""

    def __init__(self, size: int) -> None:
        super().__init__(f"it has signed {size} entries")
        self.size = size


def submit() -> str | None:
    """Have the platform's latest checkpoint signed by the witness; the note with its line.

    None when there is no witness or no entry yet. Raises Unwitnessed, or checkpoint.Inconsistent.
    """
    head = checkpoint.latest(PLATFORM) if settings.WITNESS_URL else None
    if head is None or head.size == 0:
        return None
    witness = _witness()
    known = _size_witnessed(head.origin, witness)
    if known < head.size:
        _keep(head, witness, _line_of(witness, head, _ask(head, known)))
    return cosigned(head)


def cosigned(head: Checkpoint) -> str:
    """The checkpoint's note with the lines of those who have witnessed it."""
    below = AuditCosignature.objects.filter(origin=head.origin, size=head.size)
    return head.note + "".join(below.order_by("witness").values_list("line", flat=True))


def _witness() -> Verifier:
    try:
        witness = Verifier.parse(settings.WITNESS_KEY)
    except ValueError:
        witness = None
    if witness is None or witness.type != COSIGNATURE:
        raise ImproperlyConfigured("WITNESS_KEY is no Ed25519 verifier key of a witness.")
    return witness


def _size_witnessed(origin: str, witness: Verifier) -> int:
    """How many entries it has signed for the log of this origin, as far as we remember."""
    signed = AuditCosignature.objects.filter(origin=origin, witness=witness.name)
    newest: int | None = signed.aggregate(newest=Max("size"))["newest"]
    return newest or 0


def _ask(head: Checkpoint, old: int) -> str:
    """The witness's answer; asked once more when it remembers another size than we do."""
    try:
        return _post(head, old)
    except Remembered as remembered:
        if remembered.size > head.size:
            raise Unwitnessed(f"{remembered}, and the log has only {head.size}") from None
        return _post(head, remembered.size)


def _post(head: Checkpoint, old: int) -> str:
    url = f"{settings.WITNESS_URL.rstrip('/')}/add-checkpoint"
    request = Request(url, _request(head, old).encode(), method="POST")  # noqa: S310 (see settings)
    try:
        with _opener.open(request, timeout=PATIENCE) as answer:
            said: str = answer.read(LONGEST_ANSWER).decode(errors="replace")
    except (OSError, HTTPException) as error:
        raise Unwitnessed(f"no answer ({type(error).__name__})") from error
    if answer.status != 200:
        raise _refusal(answer, said.removesuffix("\n"), old)
    return said


def _request(head: Checkpoint, old: int) -> str:
    proof = proofs.consistency(PLATFORM, old, head.size)
    lines = [f"old {old}", *(b64encode(hash).decode() for hash in proof)]
    return "\n".join(lines) + f"\n\n{head.note}"


def _refusal(answer: HTTPResponse, said: str, old: int) -> Unwitnessed:
    """What a witness means that has not signed."""
    sized = answer.status == 409 and answer.headers.get_content_type() == SIZE
    if sized and NUMBER.fullmatch(said) and int(said) != old:
        return Remembered(int(said))
    return Unwitnessed(REFUSALS.get(answer.status, f"it answered {answer.status}"))


def _line_of(witness: Verifier, head: Checkpoint, answer: str) -> str:
    """The one line that is this witness's signature under this checkpoint."""
    for line in answer.split("\n"):
        with suppress(Unsigned):
            open_note(f"{head.text}\n{line}\n", [witness])
            return f"{line}\n"
    raise Unwitnessed("its answer holds no signature that WITNESS_KEY confirms")


def _keep(head: Checkpoint, witness: Verifier, line: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_add_cosignature(%s, %s, %s, %s, %s)",
            [PLATFORM, head.origin, head.size, witness.name, line],
        )


class _AsAnswered(HTTPErrorProcessor):
    """Raises no errors and follows no redirects: only the address in the settings is ever asked."""

    def http_response(self, request: Request, response: Any) -> Any:
        return response

    https_response = http_response


_opener = build_opener(_AsAnswered)
