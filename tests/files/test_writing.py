from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.files import reason, replacing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file or directory", "x"), "no such file or directory"),
        (OSError("the disk is gone"), "the disk is gone"),
        (ValueError("bad header\nset infer_schema=False"), "bad header"),
        (ValueError("\n bad \n"), "bad"),
        (ValueError(), "ValueError"),
    ],
)
def test_a_reason_is_one_line(error: Exception, said: str) -> None:
    assert reason(error) == said


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
