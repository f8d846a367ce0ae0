"""Small files that matter appear whole, stay private, and are not made twice."""

import os
import stat
from datetime import timedelta

import pytest

from enigm_command.lib import files


@pytest.mark.parametrize("write", [files.create, files.replace])
def test_a_file_is_whole_private_and_alone_in_its_folder(tmp_path, write):
    path = tmp_path / "new folder" / "key"
    write(path, "signed — so\n")

    assert path.read_text(encoding="utf-8") == "signed — so\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_what_was_created_first_stays(tmp_path):
    files.create(tmp_path / "key", "first")
    files.create(tmp_path / "key", "second")
    assert (tmp_path / "key").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_replaces_is_what_is_read(tmp_path):
    files.replace(tmp_path / "note", "first")
    files.replace(tmp_path / "note", "second")
    assert (tmp_path / "note").read_text() == "second"


def test_a_reader_of_the_old_file_goes_on_reading_it(tmp_path):
    files.replace(tmp_path / "note", "first")
    with (tmp_path / "note").open() as opened:
        files.replace(tmp_path / "note", "second")
        assert opened.read() == "first"


def test_what_a_killed_write_left_is_removed_later_and_nothing_else(tmp_path):
    for name in ("note.checkpoint", "note.checkpoint.0123456789abcdef", "note.lock"):
        (tmp_path / name).write_text("signed")
    files.forget_drafts(tmp_path, older_than=timedelta(hours=1))
    assert len(list(tmp_path.iterdir())) == 3
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    files.forget_drafts(tmp_path, older_than=timedelta(hours=1))
    assert {path.name for path in tmp_path.iterdir()} == {"note.checkpoint", "note.lock"}
