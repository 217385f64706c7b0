from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from doxa.files import replacing
from doxa.outside.ending import do_what_is_due

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    for text in ("first", "second"):
        with replacing(path) as partial:
            assert partial.parent == path.parent
            partial.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("raised", [RuntimeError, KeyboardInterrupt])
def test_a_file_that_was_not_finished_changes_nothing(
    tmp_path: Path, raised: type[BaseException]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before", encoding="utf-8")

    def write_half() -> None:
        with replacing(path) as partial:
            partial.write_text("half", encoding="utf-8")
            raise raised

    with pytest.raises(raised):
        write_half()
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), replacing(tmp_path / "file" / "a.txt"):
        pass


def test_a_name_that_others_could_know_is_never_written_to(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "out"
    victim.write_text("kept", encoding="utf-8")
    for name in (".out.part", "out.part", f".out.{os.getpid()}.part"):
        (tmp_path / name).symlink_to(victim)
    with replacing(path) as partial:
        assert partial.is_file()
        assert not partial.is_symlink()
        assert stat.S_IMODE(partial.stat().st_mode) == 0o600
        partial.write_text("new", encoding="utf-8")
    assert victim.read_text(encoding="utf-8") == "kept"


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_permissions_are_the_usual_ones_or_the_file_s_own_or_private(tmp_path: Path) -> None:
    def written(name: str, *, private: bool = False) -> int:
        with replacing(tmp_path / name, private=private) as partial:
            partial.touch()
        return stat.S_IMODE((tmp_path / name).stat().st_mode)

    before = os.umask(0o022)
    try:
        assert written("a") == 0o644
        (tmp_path / "a").chmod(0o640)
        assert written("a") == 0o640
        assert written("a", private=True) == 0o600
        assert written("new", private=True) == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["folder", "pipe"])
def test_what_is_no_file_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=name), replacing(tmp_path / name):
        pytest.fail("nothing may be written")
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "pipe"}


def test_a_long_name_and_one_that_looks_like_a_home_folder_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x" * 255, "~"):
        with replacing(tmp_path.relative_to(tmp_path) / name) as partial:
            assert partial.is_absolute()
            partial.touch()
        assert (tmp_path / name).is_file()


def test_a_program_that_ends_without_unwinding_leaves_no_part_behind(tmp_path: Path) -> None:
    with replacing(tmp_path / "scores.csv") as partial:
        partial.write_text("a,b")
        do_what_is_due()
        assert list(tmp_path.iterdir()) == []
        partial.write_text("a,b")
    assert [file.name for file in tmp_path.iterdir()] == ["scores.csv"]
