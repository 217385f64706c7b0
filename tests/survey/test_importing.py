from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from doxa.cli.survey import app
from doxa.errors import SurveyError
from doxa.survey import Microdata, import_files, read_counts, synthetic

from .exports import export

if TYPE_CHECKING:
    from collections.abc import Mapping
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


def answers(path: Path, country: str, *cells: str) -> Path:
    n = len(cells)
    pl.DataFrame(
        {"A_WAVE": ["7"] * n, "B_COUNTRY": [country] * n, "Q46": cells, "Q57": ["1"] * n}
    ).write_csv(path)
    return path


def test_unknown_labels_of_all_files_are_told_at_once_and_can_be_settled(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    files = [
        answers(tmp_path / "a.csv", "Japan", *["Very happy"] * 99, "Ecstatic"),
        answers(tmp_path / "b.csv", "Colombia", "Very hapy", "Ecstatic"),
    ]
    out, mine = tmp_path / "out", tmp_path / "my.toml"
    with pytest.raises(SurveyError) as caught:
        import_files(files, out, items, strict=True, to_settle=mine)
    assert not out.exists()
    message = str(caught.value)
    assert message.startswith("3 labels without a code: a.csv: Q46: 'Ecstatic' (1); b.csv: Q46: ")
    assert "'Very hapy' (1), like 'Very happy' = 1" in message
    assert "\n" not in message
    text = mine.read_text(encoding="utf-8")
    assert '# "Ecstatic" = -5  # 1 in a.csv, 1 in b.csv' in text
    one, two = import_files(files, out, items)
    assert one.report is not None
    assert two.report is not None
    assert one.report.missing_shares == {"unknown label": 1 / 200}
    assert two.report.items_left_out == {"Q46": "100.0% of its answers are unknown labels"}
    assert two.report.items_found == ("Q57",)
    settled = text.replace('# "Very hapy" = 1', '"Very hapy" = 1')
    settled = settled.replace('# "Ecstatic" = -5', '"Ecstatic" = 1')
    mine.write_text(settled, encoding="utf-8")
    done = import_files(files, out, items, strict=True, labels=mine)
    assert not any(result.already_there for result in done)
    counts = read_counts(out).filter(question="Q46").filter(pl.col("n") > 0)
    assert counts.select("country", "code", "n").rows() == [("JPN", 1, 100.0), ("COL", 1, 2.0)]
    # the earlier imports of the same files are gone, with their files
    assert len(list(out.glob("counts-*"))) == len(list(out.glob("microdata-*"))) == 2


def test_labels_to_settle_are_written_for_a_file_that_was_imported_before(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    path = answers(tmp_path / "a.csv", "Japan", *["Very happy"] * 199, "Very hapy")
    out, mine = tmp_path / "out", tmp_path / "my.toml"
    import_files([path], out, items)
    before = read_counts(out)
    [again] = import_files([path], out, items, to_settle=mine)
    assert '# "Very hapy" = 1' in mine.read_text(encoding="utf-8")
    assert again.report is not None
    assert read_counts(out).equals(before)
    assert len(list(out.glob("counts-*"))) == 1


def test_a_changed_file_replaces_its_earlier_import(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    path = answers(tmp_path / "a.csv", "Japan", "1", "2")
    import_files([path], tmp_path / "out", items)
    answers(path, "Japan", "1", "2", "3")
    import_files([path, path], tmp_path / "out", items)
    assert read_counts(tmp_path / "out").filter(question="Q46")["n"].sum() == 3


def test_a_real_export_imports_whole_from_the_command(tmp_path: Path) -> None:
    made = export("2006_colombia")
    made.write_xlsx(tmp_path / "F00001-Colombia 2006.xlsx")
    told = CliRunner().invoke(
        app, ["import", str(tmp_path / "F00001-Colombia 2006.xlsx"), "--out", str(tmp_path / "out")]
    )
    assert told.exit_code == 0, told.output
    for part in (
        "respondents  3,025 of 3,025 rows",
        "populations  COL wave 5 (3,025)",
        "weights      none (V259 is 1 for all): every respondent counts once",
        "note         wave 5 from V1 (2005-2009); the country from V2",
        "note         43 respondents have the number of another one, but other answers",
    ):
        assert part in told.stderr
    counts = read_counts(tmp_path / "out")
    assert counts.filter(pl.col("n") > 0, pl.col("code") >= 0)["n"].sum() == made.counts["n"].sum()
    (entry,) = json.loads((tmp_path / "out" / "manifest.json").read_text())["imports"]
    assert entry["report"]["unweighted"] == ["COL wave 5"]
    assert entry["policy"].endswith("no weights")
    microdata = next((tmp_path / "out").glob("microdata-*"))
    assert microdata.stat().st_mode & 0o077 == 0


def test_several_imports_at_once_lose_nothing(tmp_path: Path) -> None:
    countries = ("Japan", "Colombia", "Brazil", "Kenya")
    files = [answers(tmp_path / f"{c}.csv", c, *["1", "2"] * 50) for c in countries]
    code = (
        "import sys; from pathlib import Path; from doxa.questionnaire import QuestionBank; "
        "from doxa.survey import import_files; "
        "import_files([Path(sys.argv[1])], sys.argv[2], QuestionBank.load().items)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, file, tmp_path / "out"]) for file in files
    ]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert set(read_counts(tmp_path / "out")["country"]) == {"JPN", "COL", "BRA", "KEN"}
    assert not list((tmp_path / "out").glob(".*"))


def test_options_that_do_not_fit_the_file_are_refused(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    shares = tmp_path / "opinions.csv"
    shares.write_text("question,selections,options\n", encoding="utf-8")
    with pytest.raises(
        SurveyError, match=r"opinions.csv: has shares of answers: leave the wave out"
    ):
        import_files([shares], tmp_path / "out", items, wave=7)
    path = answers(tmp_path / "a.csv", "Japan", "1", "2")
    with pytest.raises(SurveyError, match=r"none.toml: cannot be read \(no such file"):
        import_files([path], tmp_path / "out", items, labels=tmp_path / "none.toml")
    assert not (tmp_path / "out").exists()
