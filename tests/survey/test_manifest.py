from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doxa.errors import SurveyError
from doxa.survey.manifest import count_files, find_import, read_manifest, write_manifest

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = {"id": "abc", "counts": "counts-abc.parquet", "microdata": "microdata-abc.parquet"}


def test_a_written_manifest_is_read_back(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "new") == []
    write_manifest(tmp_path, [ENTRY])
    assert read_manifest(tmp_path) == [ENTRY]
    assert count_files(tmp_path) == [tmp_path / "counts-abc.parquet"]
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_an_import_is_found_while_all_its_files_are_there(tmp_path: Path) -> None:
    (tmp_path / ENTRY["counts"]).touch()
    assert find_import([ENTRY], tmp_path, "abc") is None
    (tmp_path / ENTRY["microdata"]).touch()
    assert find_import([ENTRY], tmp_path, "abc") == ENTRY
    assert find_import([ENTRY], tmp_path, "xyz") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "manifest.json: cannot be read .*: import into a new folder"),
        ("[]", "manifest.json: cannot be read"),
        ("{}", r"manifest.json: cannot be read \(no 'format'\)"),
        ('{"format": 1, "imports": [{"id": "abc"}]}', r"cannot be read \(no 'counts'\)"),
        (
            '{"format": 99, "imports": []}',
            "manifest.json: format 99 cannot be read: import into a new",
        ),
    ],
)
def test_an_invalid_manifest_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    for read in (read_manifest, count_files):
        with pytest.raises(SurveyError, match=message):
            read(tmp_path)


def test_folders_without_imports(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SurveyError, match="is a file, not a folder: choose another place"):
        read_manifest(tmp_path / "file")
    with pytest.raises(SurveyError, match=r"no manifest.json: name a folder of imports, or a file"):
        count_files(tmp_path)
    write_manifest(tmp_path, [])
    with pytest.raises(SurveyError, match="holds no imports"):
        count_files(tmp_path)
