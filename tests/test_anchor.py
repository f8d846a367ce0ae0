"""Anchors: the platform's log commits to every other log, and tells nobody of the others."""

import json
from dataclasses import replace
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from audit import anchor, export, tree
from audit.actions import anchor_logs
from audit.anchor import Anchor, AnchorProof, Head
from audit.authority import SCHEDULE
from audit.models import AuditAnchored, AuditEvent, AuditStream
from audit.recording import PLATFORM
from audit.tasks import anchor as anchor_sweep

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26", "R28")]


def grow(stream: UUID, entries: int = 1) -> AuditStream:
    """The log with so many entries more."""
    with connection.cursor() as cursor:
        for _ in range(entries):
            cursor.execute("SELECT audit_append(%s, 'test.done', '{}')", [stream])
    return AuditStream.objects.get(pk=stream)


def said_at(entry: int) -> dict:
    return AuditEvent.objects.of(PLATFORM).get(seq=entry).data


def root_at(entry: int) -> bytes:
    return bytes.fromhex(said_at(entry)["root"])


def heads(count: int) -> list[Head]:
    """Made up, and the same each time."""
    return [
        Head(bytes([n % 256] * 32), UUID(int=n), n + 1, bytes([n // 256] * 32))
        for n in range(count)
    ]


@pytest.fixture
def log(db: None) -> AuditStream:
    return grow(uuid4(), 3)


def test_the_platforms_log_says_how_many_logs_there_are_and_their_root(log, schedule):
    made = anchor_logs(by=schedule)

    others = AuditStream.objects.exclude(pk=PLATFORM).count()
    event = AuditEvent.objects.of(PLATFORM).newest_first()[0]
    assert (event.seq, event.action) == (made.entry, "logs.anchored")
    assert event.data == {
        "capacity": "schedule",
        "root": made.tree.root().hex(),
        "streams": others,
    }
    assert event.sentence == f"anchored all other logs: {others:,}"


def test_a_leaf_is_blinding_log_size_and_root():
    """Golden: SHA-256 of the byte 00, then of these in hex, by `xxd -r -p | sha256sum`:

    32 times 07, 00112233445566778899aabbccddeeff, 0000000000000102, 32 times 09.
    """
    head = Head(b"\7" * 32, UUID("00112233445566778899aabbccddeeff"), 258, b"\x09" * 32)
    assert head.hash.hex() == "863cf002150148e76c42a820899c1ddfffdcf73054e8c3127526a347a2ee3040"


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 700])
def test_the_root_does_not_depend_on_the_order_of_logs_and_proves_each(count):
    made = Anchor(5, heads(count))
    root = Anchor(5, reversed(heads(count))).tree.root()
    frontier: list[tuple[int, bytes]] = []
    for hash in sorted(head.hash for head in heads(count)):  # the same tree, grown leaf by leaf
        frontier.append((1, hash))
        while len(frontier) > 1 and frontier[-1][0] == frontier[-2][0]:
            (width, right), (_, left) = frontier.pop(), frontier.pop()
            frontier.append((2 * width, tree.node_hash(left, right)))

    assert made.tree.root() == root == tree.root_of(b"".join(hash for _, hash in frontier))
    for n in {0, count // 2, count - 1}:
        proof = made.proof_of(UUID(int=n))
        assert proof.streams == count
        assert anchor.verify(proof, root)


def test_a_tree_of_many_tiles_has_tiles_above_them():
    count = 2 * tree.TILE**2 + 3
    hashes = [tree.leaf_hash(n.to_bytes(4, "big")) for n in range(count)]
    made = tree.Tree(count, anchor._Hashes(hashes))
    last = count - 1
    assert tree.verify_inclusion(hashes[last], last, count, made.inclusion(last), made.root())


def test_nothing_is_written_when_no_log_has_grown(log, schedule):
    anchor_logs(by=schedule)
    before = AuditStream.objects.get(pk=PLATFORM).size

    with pytest.raises(anchor.Unchanged):
        anchor_logs(by=schedule)
    assert anchor_sweep()

    assert AuditStream.objects.get(pk=PLATFORM).size == before


def test_the_platforms_own_entries_are_no_reason_for_an_anchor(log, schedule):
    anchor_logs(by=schedule)
    grow(PLATFORM)

    with pytest.raises(anchor.Unchanged):
        anchor_logs(by=schedule)
    assert anchor.proof_of(PLATFORM) is None


def test_each_log_is_proved_by_the_latest_anchor(log, schedule):
    quiet = grow(uuid4(), 2)
    anchor_logs(by=schedule)
    log = grow(log.pk)
    made = anchor_logs(by=schedule)

    for each in (log, quiet):
        proof = anchor.proof_of(each.pk)
        assert proof.entry == made.entry
        assert proof.head[1:] == (each.pk, each.size, each.root)
        assert anchor.verify(proof, root_at(proof.entry))


@pytest.mark.django_db(transaction=True)
def test_an_export_brings_its_logs_proof(log, schedule, tmp_path):
    anchor_logs(by=schedule)
    export.write(log.pk, tmp_path, disclosing=False)

    told = json.loads((tmp_path / "anchor.json").read_text())
    blinding, root, *path = map(bytes.fromhex, (told["blinding"], told["root"], *told["path"]))
    head = Head(blinding, UUID(told["log"]), told["size"], root)
    proof = AnchorProof(told["anchor"], head, told["index"], told["logs"], path)
    assert head[1:] == (log.pk, log.size, log.root)
    assert anchor.verify(proof, root_at(told["anchor"]))


def test_a_log_that_did_not_grow_costs_no_row(log, schedule):
    quiet = grow(uuid4())
    anchor_logs(by=schedule)
    grow(log.pk)
    anchor_logs(by=schedule)

    assert AuditAnchored.objects.filter(stream_id=quiet.pk).count() == 1
    assert AuditAnchored.objects.filter(stream_id=log.pk).count() == 2


def test_a_new_log_is_in_the_next_anchor(log, schedule):
    anchor_logs(by=schedule)
    before = said_at(AuditAnchored.objects.latest_anchor())["streams"]
    new = grow(uuid4())
    assert anchor.proof_of(new.pk) is None

    anchor_logs(by=schedule)

    proof = anchor.proof_of(new.pk)
    assert said_at(proof.entry)["streams"] == before + 1
    assert anchor.verify(proof, root_at(proof.entry))


def test_an_earlier_anchor_can_still_be_shown(log, schedule):
    first = anchor_logs(by=schedule)
    grow(log.pk)
    anchor_logs(by=schedule)

    proof = anchor.proof_of(log.pk, first.entry)

    assert (proof.head.size, proof.head.root) == (log.size, log.root)
    assert anchor.verify(proof, root_at(first.entry))


@pytest.mark.parametrize(
    "lie",
    [
        lambda proof: replace(proof, head=proof.head._replace(size=proof.head.size + 1)),
        lambda proof: replace(proof, head=proof.head._replace(root=b"\1" * 32)),
        lambda proof: replace(proof, head=proof.head._replace(stream=uuid4())),
        lambda proof: replace(proof, head=proof.head._replace(blinding=b"\1" * 32)),
        lambda proof: replace(proof, index=proof.index ^ 1),
        lambda proof: replace(proof, path=proof.path[:-1]),
        lambda proof: replace(proof, path=[*proof.path, b"\1" * 32]),
    ],
)
def test_a_proof_of_anything_else_fails(log, schedule, lie):
    grow(uuid4())
    anchor_logs(by=schedule)
    proof = anchor.proof_of(log.pk)
    root = root_at(proof.entry)

    assert anchor.verify(proof, root)
    assert not anchor.verify(lie(proof), root)


def test_an_anchor_does_not_fit_another_ones_proof(log, schedule):
    first = anchor_logs(by=schedule)
    grow(uuid4())
    second = anchor_logs(by=schedule)

    assert not anchor.verify(anchor.proof_of(log.pk, first.entry), root_at(second.entry))


def test_a_proof_tells_nothing_of_other_logs(log, schedule):
    """Whoever knows another log's id, size and root cannot find it among the hashes they see."""
    other = grow(uuid4())
    first = anchor_logs(by=schedule)
    grow(log.pk)
    second = anchor_logs(by=schedule)

    seen = {hash for made in (first, second) for hash in anchor.proof_of(log.pk, made.entry).path}
    guesses = {Head(guess, other.pk, other.size, other.root).hash for guess in (b"", bytes(32))}
    assert not seen & guesses
    assert first.proof_of(other.pk).head.blinding != second.proof_of(other.pk).head.blinding
    assert first.proof_of(other.pk).head.hash != second.proof_of(other.pk).head.hash
    assert str(other.pk) not in json.dumps(said_at(second.entry))


@pytest.mark.django_db(transaction=True)
def test_what_later_anchors_left_behind_is_forgotten_after_30_days(log, schedule, as_owner):
    sizes = AuditAnchored.objects.filter(stream_id=log.pk).order_by("entry")
    for _ in range(3):
        anchor_logs(by=schedule)
        grow(log.pk)
    let_pass(as_owner, log, "29 days")
    anchor_logs(by=schedule)
    assert list(sizes.values_list("size", flat=True)) == [3, 4, 5, 6]

    let_pass(as_owner, log, "2 days")
    grow(log.pk)
    anchor_logs(by=schedule)

    assert list(sizes.values_list("size", flat=True)) == [5, 6, 7]
    proof = anchor.proof_of(log.pk)
    assert anchor.verify(proof, root_at(proof.entry))


def let_pass(as_owner: psycopg.Connection[Any], log: AuditStream, time: str) -> None:
    """The anchors of a log become older. Even the owner has to switch a guard off for it."""
    as_owner.execute("ALTER TABLE audit_anchored DISABLE TRIGGER no_change")
    as_owner.execute(
        "UPDATE audit_anchored SET at = at - %s::interval WHERE stream_id = %s", [time, log.pk]
    )
    as_owner.execute("ALTER TABLE audit_anchored ENABLE TRIGGER no_change")


@pytest.mark.django_db(transaction=True)
def test_of_two_anchors_at_once_one_has_nothing_left_to_say(log, elsewhere):
    def try_to_anchor() -> str:
        try:
            return f"anchored as {anchor_logs(by=SCHEDULE).entry}"
        except anchor.Unchanged:
            return "unchanged"

    tries = [elsewhere(try_to_anchor) for _ in range(2)]

    ended = sorted(each.result(timeout=20) for each in tries)
    entry = AuditAnchored.objects.latest_anchor()
    assert ended == [f"anchored as {entry}", "unchanged"]
    assert anchor.verify(anchor.proof_of(log.pk), root_at(entry))


@pytest.mark.django_db(transaction=True)
def test_heads_are_not_taken_without_the_entry_that_anchors_them(log):
    with (
        pytest.raises(DatabaseError, match="not the anchor of these heads"),
        transaction.atomic(),
    ):
        anchor.take()
    assert not AuditAnchored.objects.filter(stream_id=log.pk).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_anchored VALUES (gen_random_uuid(), 9, 9, '')",
        "UPDATE audit_anchored SET size = 9",
        "DELETE FROM audit_anchored",
        "TRUNCATE audit_anchored",
    ],
)
def test_the_application_role_cannot_touch_what_was_anchored(log, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_command_says_what_it_did(log):
    said = StringIO()
    call_command("audit_anchor", stdout=said)
    call_command("audit_anchor", stdout=said)

    streams = AuditStream.objects.exclude(pk=PLATFORM).count()
    first, second = said.getvalue().splitlines()
    assert (
        first
        == f"entry {AuditAnchored.objects.latest_anchor()} of the platform's log anchors {streams}"
    )
    assert second == "no log has grown since the last anchor"
