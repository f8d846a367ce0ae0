"""The log as the database writes it: order, form, tree, and nothing but appending."""

import hashlib
import json
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError

from audit import tree
from audit.models import AuditEvent, AuditStream

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R28")]


def append(stream, action="test.done", data=None, private=None):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append(%s, %s, %s::jsonb, %s::jsonb)",
            [stream, action, json.dumps(data or {}), json.dumps(private or {})],
        )
        return cursor.fetchone()[0]


def root(hashes):
    """RFC 6962, section 2.1, written the slow and obvious way."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while 2 * half < len(hashes):
        half *= 2
    return hashlib.sha256(b"\1" + root(hashes[:half]) + root(hashes[half:])).digest()


def test_entries_are_numbered_from_zero_without_gaps():
    stream = uuid4()
    assert [append(stream) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_a_leaf_is_canonical_json():
    stream = uuid4()
    append(stream, data={"b": 7, "a": 'quote " and é', "yes": True})
    leaf = bytes(AuditEvent.objects.get(stream_id=stream, seq=0).leaf)
    said = json.loads(leaf)
    again = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert leaf == again.encode()
    assert said["data"] == {"a": 'quote " and é', "b": 7, "yes": True}
    assert (said["seq"], said["stream"], said["v"]) == (0, str(stream), 1)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 300])
def test_the_frontier_is_the_root_of_all_leaves(size):
    stream = uuid4()
    for n in range(size):
        append(stream, data={"n": n})
    hashes = [
        hashlib.sha256(b"\0" + bytes(event.leaf)).digest()
        for event in AuditEvent.objects.of(stream).order_by("seq")
    ]
    assert tree.root_of(bytes(AuditStream.objects.get(pk=stream).frontier)) == root(hashes)


@pytest.mark.parametrize("value", [1.5, None, {"deep": 1}, ["a"], 10**15])
def test_a_leaf_takes_only_texts_booleans_and_small_integers(value):
    with pytest.raises(DatabaseError, match="audit data"), transaction.atomic():
        append(uuid4(), data={"x": value})


def test_time_never_goes_backwards_in_a_log():
    stream = uuid4()
    for _ in range(20):
        append(stream)
    times = [event.at for event in AuditEvent.objects.of(stream).order_by("seq")]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_event (stream_id, seq, leaf) VALUES (gen_random_uuid(), 0, 'xx')",
        "UPDATE audit_event SET leaf = 'xx'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_stream SET size = size + 1",
        "DELETE FROM audit_stream",
        "DELETE FROM audit_node",
        "TRUNCATE audit_node",
        "UPDATE audit_private SET sealed = ''",
        "DELETE FROM audit_private",
        "TRUNCATE audit_private",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE audit_event",
        "CREATE TABLE mine ()",
    ],
)
def test_the_application_role_cannot_touch_the_log(statement):
    append(uuid4())
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET leaf = 'xx'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_stream",
        "UPDATE audit_stream SET size = size + 2",
        "DELETE FROM audit_stream",
        "UPDATE audit_private SET sealed = ''",
    ],
)
def test_even_the_owner_is_refused_by_trigger(as_owner, statement):
    append(uuid4(), private={"actor": {"commit": "00", "sealed": "AAAA"}})
    with pytest.raises(Exception, match=r"append-only|only grows by one"):
        as_owner.execute(statement)


def test_what_stands_outside_the_tree_is_not_part_of_the_log(as_owner):
    stream, stray = uuid4(), "INSERT INTO audit_event (stream_id, seq, leaf) VALUES (%s, 0, '{}')"
    with pytest.raises(Exception, match="audit"):
        as_owner.execute(stray, [stream])
    as_owner.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
    as_owner.execute(stray, [stream])
    as_owner.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
    assert not AuditEvent.objects.of(stream).exists()
