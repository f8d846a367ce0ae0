"""Taking a whole log away, and checking it with the file that ships in it. Each is a program of its
own, so that its memory can be told; each runs once for a log.

`python -m benchmarks.exports LOG TARGET [opened]` writes a folder, or a .tar.gz by its ending.
"""

import shutil
import sys
from pathlib import Path
from uuid import UUID

import django

from benchmarks import scratch
from benchmarks.measure import Ended, Figure, milliseconds, program

MEGABYTES = 64
ENTRIES_PER_SECOND = 20_000
OPENED = "opened"
KINDS = (  # target, the rest of the command, in words
    ("withheld", (), "to a folder, personal values withheld"),
    ("export", (OPENED,), "to a folder, personal values opened"),
    ("export.tar.gz", (OPENED,), "to a .tar.gz, personal values opened"),
)


def figures(size: int, stream: UUID) -> list[Figure]:
    """Rates and memory for one log."""
    rows = []
    for target, how, what in KINDS:
        to = str(scratch.FOLDER / target)
        ended = program(sys.executable, "-m", "benchmarks.exports", str(stream), to, *how)
        rows += _figures(f"Export of {size:,} entries", what, size / float(ended.output), ended)
    rows += _checking(size, stream, scratch.FOLDER / "export")
    for folder in ("export", "withheld"):
        shutil.rmtree(scratch.FOLDER / folder)
    (scratch.FOLDER / "export.tar.gz").unlink()
    return rows


def _checking(size: int, stream: UUID, folder: Path) -> list[Figure]:
    from audit import checkpoint

    vkeys = [f"--vkey={verifier.vkey}" for verifier in checkpoint.verifiers(stream)]
    verifier = str(folder / "verify_bundle.py")
    ended = program(sys.executable, verifier, str(folder), "--complete", *vkeys)
    section, rate = f"Offline check of {size:,} entries", size / ended.seconds
    return _figures(section, "verify_bundle.py", rate, ended, megabytes=MEGABYTES)


def _figures(
    section: str, what: str, rate: float, ended: Ended, megabytes: float | None = None
) -> list[Figure]:
    return [
        Figure(section, what, rate, "entries/s", at_least=ENTRIES_PER_SECOND),
        Figure(section, f"memory, {what}", ended.megabytes, "MB", at_most=megabytes),
    ]


def export(stream: UUID, target: Path, disclosing: bool) -> None:
    """Write one export."""
    from audit import export

    if target.suffix == ".gz":
        with target.open("wb") as file:
            file.writelines(export.archive(stream, disclosing=disclosing))
    else:
        export.write(stream, target, disclosing=disclosing)


if __name__ == "__main__":
    django.setup()
    stream, target, disclosing = UUID(sys.argv[1]), Path(sys.argv[2]), OPENED in sys.argv[3:]
    print(milliseconds(lambda: export(stream, target, disclosing)) / 1000)
