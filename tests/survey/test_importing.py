from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import SurveyError
from doxa.survey import Microdata, import_files, read_counts, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


@pytest.fixture
def source(made: Synthetic, tmp_path: Path) -> Path:
    path = tmp_path / "wvs.csv"
    made.write_csv(path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_import_can_be_read_back(
    source: Path, made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    (done,) = import_files([source], tmp_path / "out", some_items)
    assert not done.already_there
    assert done.report is not None
    counts = read_counts(tmp_path / "out")
    without_source = counts.drop("source")
    assert without_source.equals(read_counts(done.counts).drop("source"))
    assert counts["source"].unique().to_list() == ["wvs.csv"]
    answered = counts.filter(pl.col("n") > 0)
    assert answered["n"].sum() == made.truth["n"].sum()
    again = Microdata.read(done.microdata, some_items).counts()
    assert again.drop("source").equals(without_source)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    (entry,) = manifest["imports"]
    assert len(entry["sha256"]) == 64
    assert (entry["version"], entry["asked"]["weighted"]) == ("synthetic", True)
    assert "excluded from shares" in entry["policy"]


def test_a_second_import_does_nothing_and_says_so(
    source: Path, some_items: dict[str, Item], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    import_files([source], out, some_items)
    before = contents(out)
    moved = source.rename(tmp_path / "another_name.txt")
    (again,) = import_files([moved], out, some_items)
    assert again.already_there
    assert contents(out) == before


def test_a_killed_import_leaves_no_half_file(
    source: Path, some_items: dict[str, Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", die)
    with pytest.raises(KeyboardInterrupt):
        import_files([source], out, some_items)
    assert contents(out) == {}
    monkeypatch.undo()
    (out / ".counts.parquet.1.part").write_bytes(b"left by a process that was killed")
    (done,) = import_files([source], out, some_items)
    assert not done.already_there
    assert not any(name.endswith(".part") for name in contents(out))


def test_files_that_overlap_are_refused_and_nothing_is_written(
    source: Path, some_items: dict[str, Item], tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    synthetic(40, some_items, countries=["DEU", "JPN"], seed=9).write_csv(other)
    with pytest.raises(SurveyError, match=r"other.csv: JPN, wave 7 is in .*wvs.csv too"):
        import_files([source, other], tmp_path / "out", some_items)
    assert not (tmp_path / "out").exists()
    import_files([source], tmp_path / "out", some_items)
    before = contents(tmp_path / "out")
    with pytest.raises(SurveyError, match="import only one of them"):
        import_files([other], tmp_path / "out", some_items)
    assert contents(tmp_path / "out") == before
    apart = tmp_path / "apart.csv"
    synthetic(40, some_items, countries=["DEU"], seed=9).write_csv(apart)
    import_files([apart], tmp_path / "out", some_items)
    assert set(read_counts(tmp_path / "out")["country"]) == {"COL", "DEU", "JPN", "NIR", "USA"}


def test_a_bad_file_among_good_ones_writes_nothing(
    source: Path, some_items: dict[str, Item], tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SurveyError, match="not a survey file that doxa knows"):
        import_files([source, tmp_path / "bad.csv"], tmp_path / "out", some_items)
    assert not (tmp_path / "out").exists()


def test_a_file_that_lacks_an_item_is_refused_unless_allowed(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.frame.drop("Q18").write_csv(tmp_path / "part.csv")
    with pytest.raises(SurveyError, match=r"part.csv: 1 of 16 items are missing \(Q18\)"):
        import_files([tmp_path / "part.csv"], tmp_path / "out", some_items)
    assert not (tmp_path / "out").exists()
    (done,) = import_files(
        [tmp_path / "part.csv"], tmp_path / "out", some_items, allow_missing_items=True
    )
    assert done.report is not None
    assert done.report.items_missing == ("Q18",)


def test_folders_that_cannot_be_used(
    source: Path, some_items: dict[str, Item], tmp_path: Path
) -> None:
    with pytest.raises(SurveyError, match="is a file, not a folder"):
        import_files([source], source, some_items)
    with pytest.raises(SurveyError, match="no such file"):
        import_files([tmp_path / "absent.csv"], tmp_path / "new", some_items)
