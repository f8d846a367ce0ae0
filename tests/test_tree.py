"""The tree and its proofs: the same as everybody else's, and no proof of what is not so."""

import json
import random
from uuid import uuid4

import pymerkle
import pytest
import rfc8785
from django.db import connection

from audit import proofs, tree
from audit.models import AuditEvent, AuditStream
from audit.tiles import StoredTiles
from tests.logs import MemoryTiles, grow, slow_root

pytestmark = pytest.mark.requirement("R28")

SIZES = [0, 1, 2, 3, 5, 8, 64, 255, 256, 257, 511, 1000, 3001]


def leaves(size: int) -> list[bytes]:
    made = random.Random(size)
    return [made.randbytes(made.randrange(1, 60)) for _ in range(size)]


def tree_of(size: int) -> tree.Tree:
    return tree.Tree(size, MemoryTiles(leaves(size)))


# --- roots ----------------------------------------------------------------------------------------
def test_known_roots():
    """The first eight roots of the tests of Certificate Transparency, whose leaves are these.

    The first by hand: printf '\\0' | sha256sum
    """
    known_leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    known_leaves.append("606162636465666768696a6b6c6d6e6f")
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tiles = MemoryTiles([bytes.fromhex(leaf) for leaf in known_leaves])
    assert [tree.Tree(8, tiles).root(size).hex() for size in range(1, 9)] == roots


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_has_the_same_roots(size):
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves(size):
        theirs.append_entry(leaf)
    ours = tree_of(size)
    earlier = random.Random(size).sample(range(1, size + 1), min(size, 9))
    assert ours.root() == theirs.get_root()
    assert all(ours.root(each) == theirs.get_root(each) for each in earlier)


def test_the_empty_tree_has_the_hash_of_nothing():
    """printf '' | sha256sum"""
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_of(0).root().hex() == tree.root_of(b"").hex() == nothing


# --- inclusion ------------------------------------------------------------------------------------
def test_a_known_inclusion_proof():
    """Three leaves, "one", "two", "three"; the proof of "two" is its neighbour, then "three".

    The neighbour by hand: printf '\\0one' | sha256sum
    """
    proof = tree.Tree(3, MemoryTiles([b"one", b"two", b"three"])).inclusion(1)
    assert [each.hex() for each in proof] == [
        "d0d7360ab79f58ab1e1e3fe64ad77e2ea0bc07e36b5f46ed2223edd9298df9e9",
        "671f146c5e471e8a1a83a3c214ce4ba907b8f3a5888d14cc8cd3ce75bb12ef94",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 255, 256, 257, 700])
def test_every_entry_is_proved_and_nothing_else_in_its_place(size):
    ours, hashes = tree_of(size), MemoryTiles(leaves(size)).levels[0]
    root = ours.root()
    for index in range(size):
        proof = ours.inclusion(index)
        assert tree.verify_inclusion(hashes[index], index, size, proof, root)
        assert not tree.verify_inclusion(hashes[index - 1], index, size, proof, root) or size == 1
        assert not tree.verify_inclusion(hashes[index], index + 1, size, proof, root)
        assert not tree.verify_inclusion(hashes[index], index, size, [*proof, root], root)
        assert not tree.verify_inclusion(hashes[index], index, size, proof[1:], root) or not proof


def test_another_implementation_takes_the_same_way_to_the_root():
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves(700):
        theirs.append_entry(leaf)
    for index in (0, 1, 254, 255, 256, 511, 512, 699):
        hashed = tree.leaf_hash(leaves(700)[index])
        way = {hashed.hex(), *(each.hex() for each in tree_of(700).inclusion(index))}
        assert way == set(theirs.prove_inclusion(index + 1, 700).serialize()["path"])


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_an_entry_that_is_not_there_has_no_proof(index):
    with pytest.raises(IndexError):
        tree_of(5).inclusion(index)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 256, 257, 700])
def test_several_entries_are_proved_at_once_and_nothing_else_in_their_places(size):
    ours, hashes = tree_of(size), MemoryTiles(leaves(size)).levels[0]
    for count in {1, min(size, 2), min(size, 50), size}:
        shown = {index: hashes[index] for index in random.Random(size).sample(range(size), count)}
        assert ours.root_from(shown) == ours.root()
        for index in list(shown)[:3]:
            assert ours.root_from(shown | {index: bytes(32)}) != ours.root()
            assert ours.root_from(shown | {index: hashes[index - 1]}) != ours.root() or size == 1


def test_of_what_is_shown_no_hash_is_believed():
    size = 300
    hashes = MemoryTiles(leaves(size)).levels[0]
    forged = MemoryTiles(leaves(size))
    forged.levels[0][7] = bytes(32)  # as if somebody had changed the stored hash of an entry
    root, forgery = tree_of(size).root(), tree.Tree(size, forged)
    assert forgery.root_from({7: hashes[7]}) == root
    assert forgery.root_from({7: bytes(32)}) != root
    assert forgery.root_from({6: hashes[6]}) != root


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_entries_that_are_not_there_have_no_root(index):
    with pytest.raises(IndexError):
        tree_of(5).root_from({2: bytes(32), index: bytes(32)})


# --- consistency ----------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 33, 300])
def test_every_earlier_size_is_a_beginning_and_no_other_tree_is(size):
    ours, root = tree_of(size), tree_of(size).root()
    for old in range(size + 1):
        before, proof = ours.root(old), ours.consistency(old)
        assert tree.verify_consistency(old, before, size, root, proof)
        assert not tree.verify_consistency(old, bytes(32), size, root, proof)
        assert not tree.verify_consistency(old, before, size, bytes(32), proof) or old == 0
        assert not tree.verify_consistency(old, before, size, root, [*proof, root])
        assert not proof or not tree.verify_consistency(old, before, size, root, proof[:-1])


def test_a_tree_that_shrank_is_not_consistent():
    ours = tree_of(9)
    assert not tree.verify_consistency(9, ours.root(), 7, ours.root(7), [])
    with pytest.raises(IndexError):
        tree.Tree(7, ours.tiles).consistency(9)


def test_a_proof_reads_few_tiles_however_large_the_log():
    size = 70_000  # three levels of tiles
    ours = tree.Tree(size, MemoryTiles([b"%d" % n for n in range(size)]))
    proof = ours.inclusion(12_345)
    assert len(ours._read) <= 6
    assert tree.verify_inclusion(tree.leaf_hash(b"12345"), 12_345, size, proof, ours.root())


# --- in the database ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_proofs_are_made_from_what_appending_left_behind():
    stream = uuid4()
    grow(stream, 600, named=False)
    root = AuditStream.objects.get(pk=stream).root
    hashes = [tree.leaf_hash(leaf) for leaf in AuditEvent.objects.of(stream).leaves()]

    assert root == slow_root(hashes) == tree.Tree(600, StoredTiles(stream)).root()
    for index in (0, 255, 256, 599):
        proof = proofs.inclusion(stream, index, 600)
        assert tree.verify_inclusion(hashes[index], index, 600, proof, root)
    proof = proofs.consistency(stream, 300, 600)
    assert tree.verify_consistency(300, slow_root(hashes[:300]), 600, root, proof)


@pytest.mark.django_db
def test_what_is_missing_proves_nothing():
    stream = uuid4()
    grow(stream, 3, named=False)
    with pytest.raises(tree.Damaged, match="does not have its 4 hashes"):
        proofs.inclusion(stream, 0, 4)


@pytest.mark.django_db
def test_entries_are_canonical_json_as_another_implementation_writes_it():
    stream, made = uuid4(), random.Random(8785)
    payloads = [payload(made) for _ in range(1000)]
    with connection.cursor() as cursor:
        for data in payloads:
            cursor.execute("SELECT audit_append(%s, 'test', %s)", [stream, json.dumps(data)])
    for leaf, data in zip(AuditEvent.objects.of(stream).leaves(), payloads, strict=True):
        assert json.loads(leaf)["data"] == data
        assert rfc8785.dumps(json.loads(leaf)) == leaf


def payload(made: random.Random) -> dict[str, str | int | bool]:
    """Whatever an act might say: any text but NUL, any integer that fits, either truth."""

    def text() -> str:
        signs = [*range(1, 0x20), 0x22, 0x5C, 0x2F, 0x7F, 0x80, 0xE9, 0x2028, 0xFFFD, 0x1F600]
        return "".join(chr(made.choice([*signs, *b"plain"])) for _ in range(made.randrange(12)))

    def value() -> str | int | bool:
        return made.choice([text(), made.randrange(-(10**15) + 1, 10**15), made.random() < 0.5])

    return {f"key{made.randrange(10**6)}": value() for _ in range(made.randrange(6))}
