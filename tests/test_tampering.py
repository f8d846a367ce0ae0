"""What somebody can do to a log who may do everything, and what finds it.

Each case says what is done, past all guards, and then three verdicts: the platform's own, by the
checkpoint that it kept outside the database; an administrator's, on an export that was signed
afterwards with the real key; and the same with one checkpoint that the administrator had at home.
Where nothing can be found it says so: that is why checkpoints must leave the platform's hands.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command

from audit import checkpoint, export
from audit.checkpoint import Inconsistent
from audit.erasure import erase_stream
from audit.models import AuditEvent
from tests.forger import Forger, Leaf
from tests.logs import check, exported, grow, vkey_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R5", "R28")]

SIZE = 300


# --- what is done ---------------------------------------------------------------------------------
def by_sql(statements: str, forger: Forger) -> None:
    for statement in statements.split(";"):
        forger.sql(statement)


def all_made_to_fit(change: Callable[[list[Leaf]], list[Leaf]], forger: Forger) -> None:
    forger.rewrite(change)


ENTRY = "WHERE stream_id = STREAM AND seq = 150"
CHANGE = f"""
    UPDATE audit_event
    SET leaf = decode(replace(encode(leaf, 'escape'), '"n":150', '"n":7'), 'escape') {ENTRY}"""
SPOIL = f"UPDATE audit_event SET leaf = 'xx' {ENTRY}"
DELETE = f"DELETE FROM audit_event {ENTRY}"
DELETE_20 = "DELETE FROM audit_event WHERE stream_id = STREAM AND seq >= 280"
SWAP = f"""
    UPDATE audit_event SET seq = 1000 {ENTRY};
    UPDATE audit_event SET seq = 150 WHERE stream_id = STREAM AND seq = 151;
    UPDATE audit_event SET seq = 151 WHERE stream_id = STREAM AND seq = 1000"""
CHANGE_NODE = "UPDATE audit_node SET hash = sha256('x') WHERE stream_id = STREAM"
CHANGE_ROOTS = """
    UPDATE audit_stream SET frontier = set_byte(frontier, 0, 255 - get_byte(frontier, 0))
    WHERE id = STREAM"""
RUN_AHEAD = "UPDATE audit_stream SET size = size + 1 WHERE id = STREAM"
ADD_OUTSIDE = f"""
    INSERT INTO audit_event (stream_id, seq, leaf) SELECT stream_id, 400, leaf
    FROM audit_event {ENTRY}"""
MISFILE = f"UPDATE audit_event SET filed_as = 'log.exported' {ENTRY}"
CHANGE_VALUE = f"""
    UPDATE audit_private SET sealed =
        (SELECT sealed FROM audit_private WHERE stream_id = STREAM AND seq = 7) {ENTRY}"""
DELETE_VALUE = f"DELETE FROM audit_private {ENTRY}"


def changed(leaves: list[Leaf]) -> list[Leaf]:
    leaves[150]["data"]["n"] = 7
    return leaves


def one_gone(leaves: list[Leaf]) -> list[Leaf]:
    return leaves[:150] + leaves[151:]


def twenty_gone(leaves: list[Leaf]) -> list[Leaf]:
    return leaves[:280]


def swapped(leaves: list[Leaf]) -> list[Leaf]:
    leaves[150], leaves[151] = leaves[151], leaves[150]
    leaves[150]["at"], leaves[151]["at"] = leaves[151]["at"], leaves[150]["at"]
    return leaves


def slipped_in(leaves: list[Leaf]) -> list[Leaf]:
    return [*leaves[:150], {**leaves[150], "seq": -1, "commit": {}}, *leaves[150:]]


# --- what is found: how the sentence begins -------------------------------------------------------
INTACT = "INTACT"
NOT_EXPORTED = "not exported"
TILE = "entries 0 to 255: not what their tile says"
ROOT = "entries 0 to 299: not what was signed"
SPLIT = "SPLIT VIEW"
GONE = (
    ".*signed.*300 entries, and (299|280) are here|300 entries were signed, and (299|280) are here"
)
VALUE = "entry 150: actor is not what was recorded"
MISSING = "1 values are missing, 0 (are )?recorded as erased"

CASES = {
    # what is done: the platform, an administrator, an administrator who kept a checkpoint
    (by_sql, CHANGE): (TILE, TILE, TILE),
    (by_sql, SPOIL): ("entry 150: ", "entry 150: ", "entry 150: "),
    (by_sql, DELETE): ("entries 0 to 255: 255 of 256 exist", NOT_EXPORTED, NOT_EXPORTED),
    (by_sql, DELETE_20): ("entries 256 to 299: 24 of 44 exist", NOT_EXPORTED, NOT_EXPORTED),
    (by_sql, SWAP): ("entry 150: it says 151",) * 3,
    (by_sql, CHANGE_NODE): (TILE, TILE, TILE),
    (by_sql, CHANGE_ROOTS): ("the roots that the next entry is hashed into", ROOT, SPLIT),
    (by_sql, RUN_AHEAD): ("entries 256 to 300: 44 of 45 exist", NOT_EXPORTED, NOT_EXPORTED),
    (by_sql, ADD_OUTSIDE): ("entry 400: a row outside the tree", INTACT, INTACT),
    (by_sql, MISFILE): ("entry 150: pages would find it under what it", INTACT, INTACT),
    (by_sql, CHANGE_VALUE): (VALUE, VALUE, VALUE),
    (by_sql, DELETE_VALUE): (MISSING, MISSING, MISSING),
    (all_made_to_fit, changed): (ROOT, INTACT, SPLIT),
    (all_made_to_fit, one_gone): (GONE, INTACT, GONE),
    (all_made_to_fit, twenty_gone): (GONE, INTACT, GONE),
    (all_made_to_fit, swapped): (ROOT, INTACT, SPLIT),
    (all_made_to_fit, slipped_in): (ROOT, INTACT, ROOT),
}


def name_of(done: tuple[Callable[..., None], object]) -> str:
    how, what = done
    names = {id(value): name for name, value in globals().items()}
    return f"{names[id(what)].lower()}-{how.__name__}"


@pytest.fixture
def stream() -> UUID:
    made = uuid4()
    grow(made, SIZE)
    return made


@pytest.fixture
def forger(as_superuser, stream) -> Iterator[Forger]:
    forger = Forger(as_superuser, stream)
    yield forger
    forger.remove()  # no other test should meet it


@pytest.fixture
def mine(stream, tmp_path) -> Path:
    """The checkpoint that an administrator took home before anything was done."""
    path = tmp_path / "mine"
    path.write_text(checkpoint.latest(stream).note)
    return path


@pytest.fixture
def platform(stream, capsys) -> Callable[[], str]:
    """What the platform's own check says."""

    def says() -> str:
        with contextlib.suppress(CommandError):
            call_command("audit_verify", str(stream))
        said = capsys.readouterr().out.removeprefix(f"{stream}: ")
        return said.removeprefix("NOT INTACT: ").replace("intact", INTACT)

    return says


@pytest.fixture
def administrator(stream, tmp_path, capsys) -> Callable[..., str]:
    """What the offline check of an export says, if there is one to be had."""
    vkey = vkey_of(stream)

    def says(*options: str | Path) -> str:
        folder = tmp_path / f"log-{len(options)}"
        try:
            exported(stream, folder)
        except export.REFUSALS:
            return NOT_EXPORTED
        return check(capsys, folder, vkey, "--complete", *options).removeprefix("NOT INTACT: ")

    return says


@pytest.mark.parametrize("done", CASES, ids=name_of)
def test_what_is_found(done, forger, mine, platform, administrator):
    how, what = done
    how(what, forger)

    by_the_platform, alone, with_one_kept = CASES[done]
    assert re.match(by_the_platform, platform())
    forger.forget_signatures()
    assert re.match(alone, administrator())
    assert re.match(with_one_kept, administrator("--old", mine))


@pytest.mark.parametrize("what", [changed, one_gone, twenty_gone, swapped, slipped_in])
def test_the_platform_signs_no_rewritten_log_while_it_has_what_it_kept(what, forger, mine):
    all_made_to_fit(what, forger)
    with pytest.raises(Inconsistent):
        checkpoint.latest(forger.stream)


@pytest.mark.parametrize("added", [0, 60])
def test_an_old_backup_in_the_databases_place(added, stream, forger, mine, platform, administrator):
    backup = forger.back_up()
    grow(stream, 50)
    mine.write_text(checkpoint.latest(stream).note)
    forger.restore(backup)
    grow(stream, added)

    found = (
        "entries .* to 349: not what was signed" if added else ".*350 entries.*, and 300 are here"
    )
    with pytest.raises(Inconsistent, match="350 entries were signed"):
        checkpoint.latest(stream)
    assert re.match(found, platform())
    forger.forget_signatures()
    assert administrator().startswith(INTACT)
    assert re.match(found, administrator("--old", mine))


def test_what_was_erased_as_it_should_be_is_missed_by_nobody(stream, mine, platform, administrator):
    erase_stream(stream, "asked")
    assert platform().startswith(INTACT)
    assert administrator("--old", mine).startswith(INTACT)


def test_a_row_outside_the_tree_is_on_no_page(stream, forger):
    forger.sql(ADD_OUTSIDE)
    assert AuditEvent.objects.of(stream).count() == SIZE


# --- what the owner of the tables is refused ------------------------------------------------------
@pytest.mark.parametrize(
    ("statement", "because"),
    [
        (ADD_OUTSIDE, "entry 400 is not the next one"),
        (ADD_OUTSIDE.replace("400", "150"), "entry 150 is not the next one"),
        (ADD_OUTSIDE.replace("400", str(SIZE)), f"entry {SIZE} stands outside the tree"),
        (RUN_AHEAD, "only by an entry that is there"),
        (CHANGE_ROOTS, "only grows by one"),
        ("INSERT INTO audit_stream (id, size) VALUES (gen_random_uuid(), 3)", "append-only"),
    ],
)
def test_entries_and_tree_do_not_come_apart(stream, as_owner, statement, because):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=because):
        as_owner.execute(statement.replace("STREAM", f"'{stream}'"))


def test_the_tree_counts_no_entry_whose_hash_is_another(stream, as_owner):
    add_next = ADD_OUTSIDE.replace("400", str(SIZE))
    count_it = "UPDATE audit_stream SET size = size + 1, frontier = frontier || sha256('x')"
    both = f"{add_next}; {count_it} WHERE id = STREAM".replace("STREAM", f"'{stream}'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only by an entry that is"):
        as_owner.execute(both)
