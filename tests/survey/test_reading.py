"""The four formats give the counts that the generator knows to be true, and nothing else."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.errors import SurveyError
from doxa.survey import describe, read_survey, synthetic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


def tabulated(path: Path, items: Mapping[str, Item]) -> pl.DataFrame:
    counts = read_survey(path, items).microdata.counts()
    return counts.filter(pl.col("n") > 0).select("country", "question", "code", "n", "weighted_n")


def assert_true(counts: pl.DataFrame, made: Synthetic) -> None:
    assert_frame_equal(counts.sort("country", "question", "code"), made.truth, abs_tol=1e-9)


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "xlsx"])
def test_every_format_gives_the_truth(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    # The name says nothing of the kind: it is told from the content.
    path = tmp_path / "download"
    getattr(made, f"write_{kind}")(path.with_suffix(f".{kind}"))
    path.with_suffix(f".{kind}").rename(path)
    survey = read_survey(path, some_items)
    assert survey.kind == kind
    assert survey.excluded == {"respondent's number repeated": 15}
    assert_true(tabulated(path, some_items), made)


@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_byte_order_marks(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, separator: str, bom: bool
) -> None:
    made.write_csv(tmp_path / "a.csv", separator=separator, bom=bom)
    assert_true(tabulated(tmp_path / "a.csv", some_items), made)


def test_empty_lines_are_no_respondents(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_csv(tmp_path / "a.csv")
    header, first, *lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([header, first, "", *lines, "", ""])
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert_true(tabulated(tmp_path / "a.csv", some_items), made)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_zip_is_read_as_it_is(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    getattr(made, f"write_{kind}")(tmp_path / f"a.{kind}")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / f"a.{kind}", f"folder/a.{kind}")
        archive.writestr("readme.pdf", b"terms of use")
    assert_true(tabulated(tmp_path / "a.zip", some_items), made)


def test_parquet_and_numbers_with_a_decimal_point(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    floats = made.frame.with_columns(pl.col("^Q.*$").cast(pl.Float64))
    floats.write_parquet(tmp_path / "a.parquet")
    assert_true(tabulated(tmp_path / "a.parquet", some_items), made)
    floats.write_csv(tmp_path / "a.csv")
    assert_true(tabulated(tmp_path / "a.csv", some_items), made)


def test_unweighted_countries_say_so_in_words(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_xlsx(tmp_path / "a.xlsx", unweighted=["JPN"])
    counts = tabulated(tmp_path / "a.xlsx", some_items)
    japan = counts.filter(country="JPN")
    assert japan["n"].to_list() == japan["weighted_n"].to_list()
    assert_true(counts.filter(pl.col("country") != "JPN"), Others(made, "JPN"))  # type: ignore[arg-type]


class Others:
    """The truth without one country."""

    def __init__(self, made: Synthetic, country: str) -> None:
        self.truth = made.truth.filter(pl.col("country") != country)


def test_unweighted_on_request(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    made.frame.drop("W_WEIGHT").write_csv(path)
    with pytest.raises(SurveyError, match="no variable W_WEIGHT for the weight"):
        read_survey(path, some_items)
    counts = read_survey(path, some_items, weighted=False).microdata.counts()
    assert counts["n"].to_list() == counts["weighted_n"].to_list()


def test_stata_letters_are_missing_codes(some_items: dict[str, Item], tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    pandas = pytest.importorskip("pandas")
    letters = ["a", "b", "c", "d", "e", "z"]
    frame = pandas.DataFrame(
        {"B_COUNTRY_ALPHA": ["JPN"] * 7, "W_WEIGHT": [1.0] * 7, "Q1": [1, *letters]}
    )
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), missing_user_values={"Q1": letters})
    counts = tabulated(tmp_path / "a.dta", {"Q1": some_items["Q1"]})
    assert dict(counts.select("code", "n").rows()) == {1: 1, -1: 1, -2: 1, -3: 1, -4: 1, -5: 2}
    labels = {"Q1": {1: "Very important", "a": "No answer", "z": "Don't know"}}
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "a.dta"),
        missing_user_values={"Q1": letters},
        variable_value_labels=labels,
    )
    counts = tabulated(tmp_path / "a.dta", {"Q1": some_items["Q1"]})
    assert dict(counts.select("code", "n").rows()) == {1: 1, -1: 1, -2: 2, -3: 1, -4: 1, -5: 1}


def test_what_spss_declares_missing_is_missing_for_the_reason_of_its_label(
    some_items: dict[str, Item], tmp_path: Path
) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    answers = [1.0, 4.0, -2.0, 8.0, 9.0, 97.0, 998.0, 5.0]
    frame = pl.DataFrame(
        {"B_COUNTRY_ALPHA": ["JPN"] * 8, "W_WEIGHT": [1.0] * 8, "Q1": answers, "Q18": [1.0] * 8}
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "a.sav"),
        missing_ranges={"Q1": [4, {"lo": 8, "hi": 999}]},
        variable_value_labels={"Q1": {8: "Don't know", 9: "Refused", 97: "Too young to be asked"}},
    )
    items = {name: some_items[name] for name in ("Q1", "Q18")}
    survey = read_survey(tmp_path / "a.sav", items)
    counts = survey.microdata.counts().filter(pl.col("question") == "Q1", pl.col("n") > 0)
    # An answer stays one though the file declares it missing; 5 is neither.
    assert dict(counts.select("code", "n").rows()) == {1: 1, 4: 1, -1: 1, -2: 2, -5: 2}
    assert describe(survey).impossible == {"Q1": 1}


def test_subpopulations_by_value_and_by_bin(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_csv(tmp_path / "a.csv")
    by = ["sex=Q260", "age=Q262:3,6"]
    counts = read_survey(tmp_path / "a.csv", some_items, by=by).microdata.counts()
    assert counts.columns[-2:] == ["sex", "age"]
    assert set(counts["age"]) == {"<3", "3-<6", "6+", "missing"}
    apart = (
        made.frame.unique("D_INTERVIEW")
        .filter(pl.col("Q262").is_between(3, 5), B_COUNTRY_ALPHA="USA", Q260=2)
        .group_by("Q1")
        .len()
    )
    found = counts.filter(country="USA", sex="2", age="3-<6", question="Q1").filter(pl.col("n") > 0)
    assert dict(found.select("code", "n").rows()) == dict(apart.rows())
    whole = counts.group_by("country", "question", "code").agg(pl.col("n", "weighted_n").sum())
    assert_true(whole.filter(pl.col("n") > 0), made)


def test_the_report_says_what_was_found_and_done(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    row = pl.col("D_INTERVIEW") == 3
    odd = made.frame.with_columns(Q1=pl.when(row).then(9).otherwise("Q1")).drop("Q18")
    odd.write_csv(tmp_path / "a.csv")
    report = describe(read_survey(tmp_path / "a.csv", some_items))
    assert report.impossible == {"Q1": 1}
    assert report.items_missing == ("Q18",)
    assert (report.n_rows, report.n_respondents) == (1215, 1200)
    assert report.populations["NIR wave 7"] == 300
    assert 0.01 < report.missing_shares["don't know"] < 0.05
    low, mean, high = report.weights
    assert 0 < low < mean < high
    text = "\n".join(report.lines())
    for part in ("wave 7", "synthetic", "missing: Q18", "Q1 1", "repeated: 15", "NIR wave 7 (300)"):
        assert part in text


BAD = {
    "B_COUNTRY_ALPHA": ("ZZZ", r"row 5: B_COUNTRY_ALPHA 'ZZZ' is no country"),
    "W_WEIGHT": (-0.5, r"row 5: weight W_WEIGHT is -0.5: a weight must be a number above 0"),
    "A_WAVE": (None, r"row 5: A_WAVE None is no wave"),
    "Q1": ("Enormously", r"a.csv, Q1: 'Enormously': labels without a code; known are: very imp"),
}


@pytest.mark.parametrize("column", BAD)
def test_a_bad_value_is_named(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, column: str
) -> None:
    value, message = BAD[column]
    cells = made.frame[column].cast(pl.String).to_list()
    cells[5] = value
    path = tmp_path / "a.csv"
    made.frame.with_columns(
        pl.Series(column, [None if c is None else str(c) for c in cells])
    ).write_csv(path)
    with pytest.raises(SurveyError, match=message):
        read_survey(path, some_items)


@pytest.mark.parametrize("weight", ["0", "nan", "inf", "heavy", ""])
def test_weights_must_be_numbers_above_zero(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, weight: str
) -> None:
    made.frame.with_columns(W_WEIGHT=pl.lit(weight)).write_csv(tmp_path / "a.csv")
    with pytest.raises(SurveyError, match=r"row 0: weight W_WEIGHT is .*a number above 0"):
        read_survey(tmp_path / "a.csv", some_items)


def test_files_that_are_no_survey(some_items: dict[str, Item], tmp_path: Path) -> None:
    def said(content: bytes) -> str:
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(SurveyError) as caught:
            read_survey(tmp_path / "file", some_items)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "the file is empty" in said(b"")
    assert "no survey file that doxa knows" in said(b"a,b\n1,2\n")
    assert "no table with columns" in said(b"some words\nand more\n")
    assert "is it damaged" in said(b"\x00\x01\x02\x03" * 99)
    assert "not UTF-8" in said("Q1,B_COUNTRY,año\n1,2,3\n".encode("latin-1"))
    assert "none of the items is in it" in said(b"B_COUNTRY,W_WEIGHT\n392,1\n")
    assert "no respondents in it" in said(b"B_COUNTRY,W_WEIGHT,Q1\n")
    assert "every answer is missing" in said(b"B_COUNTRY,W_WEIGHT,Q1\n392,1,-1\n")
    assert "no variable A_" not in said(b"B_COUNTRY,Q1\n392,1\n")
    with pytest.raises(SurveyError, match="no such file"):
        read_survey(tmp_path / "absent.csv", some_items)


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "xlsx", "parquet"])
def test_a_truncated_file_is_an_error(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        made.frame.write_parquet(path)
    else:
        getattr(made, f"write_{kind}")(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 7])
    with pytest.raises(SurveyError, match=r"cut short or damaged|download it again"):
        read_survey(path, some_items)


def test_text_that_is_not_utf_8_further_down(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    made.write_csv(tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes().replace(b"synthetic", b"synth\xe9tic")
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SurveyError, match="not UTF-8"):
        read_survey(tmp_path / "a.csv", some_items)


def test_zips_with_no_or_several_data_files(some_items: dict[str, Item], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "x,y\n")
        archive.writestr("b.sav", "")
    with pytest.raises(SurveyError, match=r"it holds a.csv, b.sav: unpack it"):
        read_survey(tmp_path / "a.zip", some_items)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("readme.pdf", "")
    with pytest.raises(SurveyError, match="it holds none"):
        read_survey(tmp_path / "b.zip", some_items)


def test_a_hundred_thousand_respondents(items: Mapping[str, Item], tmp_path: Path) -> None:
    few = {name: items[name] for name in ("Q1", "Q182", "Q241")}
    made = synthetic(100_000, few, n_columns=296, seed=1)
    made.write_csv(tmp_path / "a.csv")
    assert_true(tabulated(tmp_path / "a.csv", few), made)
