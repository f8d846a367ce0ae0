"""What benchmarks say of what they measured. Nothing here is timed."""

import json
import sys
from importlib.util import find_spec

import pytest

from benchmarks import loading, measure
from benchmarks.measure import Figure
from enigm_command.management.commands.bench import SECTIONS

APPENDS = Figure("Appends", "1 writer", 1190.4, "per second")
PROOF = Figure("Proofs", "inclusion, 1,000,000 entries", 2.04, "ms", at_most=10)
RATIO = Figure("Proofs", "ours ÷ theirs", 0.75, "", at_most=0.5)


def test_figures_are_told_by_section_with_what_is_met_and_what_is_missed():
    assert measure.table([APPENDS, PROOF, RATIO]).splitlines() == [
        "Appends",
        "  1 writer                          1,190 per second",
        "",
        "Proofs",
        "  inclusion, 1,000,000 entries       2.04 ms         ≤ 10      met",
        "  ours ÷ theirs                      0.75            ≤ 0.50    missed",
    ]


def test_a_target_from_below_is_missed_below_it():
    assert Figure("Export", "rate", 19_999, "entries/s", at_least=20_000).is_missed
    assert not Figure("Export", "rate", 20_000, "entries/s", at_least=20_000).is_missed


def test_every_round_begins_with_another_case():
    ran = []
    measure.interleaved({name: lambda n=name: ran.append(n) or 0.0 for name in "abc"}, rounds=3)
    assert "".join(ran) == "abc" + "bca" + "cab"


def test_of_the_rounds_the_median_counts():
    assert measure.medians({"ours": [9.0, 1.0, 2.0]}) == {"ours": 2.0}


def test_overhead_is_taken_within_each_round():
    found = {"bare": [1.0, 10.0, 2.0], "ours": [2.0, 11.0, 4.0], "theirs": [4.0, 12.0, 5.0]}
    assert measure.overheads(found, "bare") == {"ours": 1.0, "theirs": 3.0}


def test_programs_read_the_same_figures():
    told = json.loads(measure.as_json({"cores": 2}, [PROOF]))
    assert told["machine"] == {"cores": 2}
    assert told["figures"][0]["value"] == 2.04
    assert told["figures"][0]["at_most"] == 10


def test_every_section_that_can_be_asked_for_is_there():
    assert all(find_spec(f"benchmarks.{section}") for section in SECTIONS)


def test_a_programs_memory_is_its_own():
    holding = bytearray(200 * 2**20)
    ended = measure.program(sys.executable, "-c", "pass")
    assert ended.megabytes < len(holding) / 2**20


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1000])
def test_a_loaded_log_has_the_tree_that_appending_makes(size):
    hashes = [loading.tree.leaf_hash(bytes([n % 256])) for n in range(size)]
    grown = loading.Frontier()
    for hash in hashes:
        grown.add(hash)
    assert loading.tree.root_of(b"".join(grown.subtrees)) == root(hashes)
    assert len(grown.nodes) == size // 256


def root(hashes):
    """RFC 6962, section 2.1, as it is written there."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    return loading.tree.node_hash(root(hashes[:middle]), root(hashes[middle:]))
