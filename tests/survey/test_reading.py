"""The four formats give the counts that the generator knows to be true, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.errors import SurveyError
from doxa.survey import SurveyFile, read_survey, synthetic

from .exports import FILES, export, variables
from .truth import assert_true, tabulated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.survey import Synthetic


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "xlsx"])
def test_every_format_gives_the_truth(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path, kind: str
) -> None:
    # The kind is recognised by the content, not the name.
    path = tmp_path / "download"
    getattr(made, f"write_{kind}")(path.with_suffix(f".{kind}"))
    path.with_suffix(f".{kind}").rename(path)
    survey = read_survey(path, some_items)
    assert survey.kind == kind
    assert survey.excluded == {"number and answers repeated": 15}
    assert_true(tabulated(path, some_items), made.truth)


def test_parquet_and_numbers_with_a_decimal_point(
    made: Synthetic, some_items: dict[str, Item], tmp_path: Path
) -> None:
    floats = made.frame.with_columns(pl.col("^Q.*$").cast(pl.Float64))
    floats.write_parquet(tmp_path / "a.parquet")
    assert_true(tabulated(tmp_path / "a.parquet", some_items), made.truth)
    floats.write_csv(tmp_path / "a.csv")
    assert_true(tabulated(tmp_path / "a.csv", some_items), made.truth)


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
    assert_true(whole.filter(pl.col("n") > 0), made.truth)


def test_files_that_are_not_surveys(some_items: dict[str, Item], tmp_path: Path) -> None:
    def said(content: bytes) -> str:
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(SurveyError) as caught:
            read_survey(tmp_path / "file", some_items)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "the file is empty" in said(b"")
    assert "not a survey file that doxa knows" in said(b"a,b\n1,2\n")
    assert "no table with columns" in said(b"some words\nand more\n")
    assert "is it damaged" in said(b"\x00\x01\x02\x03" * 99)
    assert "not UTF-8" in said("Q1,B_COUNTRY,año\n1,2,3\n".encode("latin-1"))
    assert "not a survey file that doxa knows" in said(b"B_COUNTRY,W_WEIGHT\n392,1\n")
    assert "none of the items (V4, V34, V132, …); V4 is headed 'Sex'" in said(
        b"V1,V2,V4: Sex\n5,392,1\n"
    )
    assert "holds no respondents" in said(b"B_COUNTRY,W_WEIGHT,Q1\n")
    assert "every answer is missing" in said(b"B_COUNTRY,W_WEIGHT,Q1\n392,1,-1\n")
    with pytest.raises(SurveyError, match="no such file"):
        read_survey(tmp_path / "absent.csv", some_items)


def test_a_hundred_thousand_respondents(items: Mapping[str, Item], tmp_path: Path) -> None:
    few = {name: items[name] for name in ("Q1", "Q182", "Q241")}
    made = synthetic(100_000, few, n_columns=296, seed=1)
    made.write_csv(tmp_path / "a.csv")
    assert_true(tabulated(tmp_path / "a.csv", few), made.truth)


@pytest.mark.parametrize("name", FILES)
def test_real_exports_give_the_survey_s_counts_with_labels_and_with_codes(
    items: Mapping[str, Item], tmp_path: Path, name: str
) -> None:
    made = export(name)
    made.labelled.write_parquet(tmp_path / "labels.parquet")
    made.write_csv(tmp_path / "codes.csv")
    want = pl.concat([made.counts.drop("weighted_n"), made.missing]).sort("question", "code")
    for path in (tmp_path / "labels.parquet", tmp_path / "codes.csv"):
        survey = read_survey(path, items)
        counts = survey.microdata.counts().filter(pl.col("n") > 0)
        assert set(counts.select("wave", "country").rows()) == {(made.wave, made.country)}
        assert set(counts["weighted"]) == {made.weighted}
        found = counts.select("question", "code", "n").sort("question", "code")
        assert_frame_equal(found, want, check_column_order=False)
        weighted = counts.filter(pl.col("code") >= 0).select("question", "code", "weighted_n")
        assert_frame_equal(
            weighted.sort("question", "code"),
            made.counts.select("question", "code", "weighted_n").sort("question", "code"),
        )
        assert survey.unknown == ()
        assert survey.left_out == {}
        assert survey.n_rows == survey.microdata.n_respondents == made.labelled.height


@pytest.mark.parametrize("name", ["2001_japan", "2006_colombia", "2022_bangladesh"])
@pytest.mark.parametrize("kind", ["xlsx", "sav", "dta"])
def test_real_exports_give_the_same_in_every_format(
    items: Mapping[str, Item], tmp_path: Path, name: str, kind: str
) -> None:
    pytest.importorskip("pyreadstat" if kind != "xlsx" else "fastexcel")
    made = export(name)
    getattr(made, f"write_{kind}")(tmp_path / f"a.{kind}")
    made.labelled.write_parquet(tmp_path / "labels.parquet")
    counts, same = (
        read_survey(tmp_path / file, items).microdata.counts()
        for file in (f"a.{kind}", "labels.parquet")
    )
    assert_frame_equal(counts, same)


def test_respondents_who_share_a_number_are_kept(items: Mapping[str, Item], tmp_path: Path) -> None:
    made = export("2006_colombia")
    made.labelled.write_parquet(tmp_path / "a.parquet")
    survey = read_survey(tmp_path / "a.parquet", items)
    assert survey.microdata.n_respondents == 3025
    assert any(
        note.startswith("43 respondents have the number of another") for note in survey.notes
    )
    assert "Q1" in survey.missing_items  # V4_CO, on another scale, is not V4
    twice = pl.concat([made.labelled, made.labelled[:7]])
    twice.write_parquet(tmp_path / "b.parquet")
    again = read_survey(tmp_path / "b.parquet", items)
    assert again.microdata.n_respondents == 3025
    assert again.excluded == {"number and answers repeated": 7}
    kept = read_survey(tmp_path / "b.parquet", items, keep_repeated=True)
    assert kept.microdata.n_respondents == 3032
    assert kept.excluded == {}


def some_answers(path: Path, *cells: str, header: str = "Q46: Feeling of happiness") -> Path:
    frame = pl.DataFrame({"A_WAVE": "7", "B_COUNTRY": "Japan", header: cells})
    frame.write_csv(path)
    return path


def test_an_unknown_label_costs_its_cells_and_many_cost_their_item(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    few = some_answers(tmp_path / "a.csv", *["Very happy"] * 99, "Ecstatic")
    survey = read_survey(few, items)
    assert [str(one) for one in survey.unknown] == ["Q46: 'Ecstatic' (1)"]
    counts = survey.microdata.counts()
    assert counts.filter(pl.col("n") > 0).select("code", "n").rows() == [(1, 99.0), (-6, 1.0)]
    with pytest.raises(
        SurveyError, match=r"1 labels without a code: .*a.csv: Q46: 'Ecstatic' \(1\)"
    ):
        read_survey(few, items, strict=True)
    many = some_answers(tmp_path / "b.csv", *["Very happy"] * 98, "Ecstatic", "Ecstatic")
    with pytest.raises(SurveyError, match=r"Q46: 2.0% of its answers are unknown labels"):
        read_survey(many, items)
    (tmp_path / "my.toml").write_text('[Q46]\n"ecstatic" = 1\n', encoding="utf-8")
    settled = read_survey(many, items, labels=tmp_path / "my.toml", strict=True)
    assert settled.microdata.counts()["n"].to_list()[:1] == [100.0]


def test_a_column_headed_otherwise_is_not_the_item(
    items: Mapping[str, Item], tmp_path: Path
) -> None:
    path = some_answers(tmp_path / "a.csv", "1", "2", header="Q46: How happy (Japan)")
    with pytest.raises(SurveyError, match=r"none of the items .*; Q46 is headed 'How happy"):
        read_survey(path, items)
    pl.read_csv(path).with_columns(Q57=1).write_csv(path)
    survey = read_survey(path, {name: items[name] for name in ("Q46", "Q57", "Q58")}, wave=7)
    assert survey.left_out == {"Q46": "Q46 is headed 'How happy (Japan)'"}
    assert survey.missing_items == ("Q58",)


def test_a_file_with_a_column_twice_is_told(items: Mapping[str, Item], tmp_path: Path) -> None:
    def read(header: str) -> SurveyFile:
        n = header.count(",") + 1
        rows = "".join(f"7,392,1,{i},{','.join('1' * (n - 4))}\n" for i in range(3))
        (tmp_path / "a.csv").write_text(f"{header}\n{rows}")
        return read_survey(tmp_path / "a.csv", {name: items[name] for name in ("Q1", "Q46")})

    survey = read("A_WAVE,B_COUNTRY,W_WEIGHT,D_INTERVIEW,Q1,Q46,Q1: Important in life: Family,,")
    assert survey.left_out == {"Q1": "several columns are named Q1"}
    assert [item.id for item in survey.microdata.items] == ["Q46"]
    for twice in ("W_WEIGHT: Weight", "B_COUNTRY"):
        with pytest.raises(
            SurveyError, match=f"has several columns {twice[:5]}.*keep the right one"
        ):
            read(f"A_WAVE,B_COUNTRY,W_WEIGHT,D_INTERVIEW,Q1,{twice}")
    assert read("A_WAVE,B_COUNTRY,W_WEIGHT,D_INTERVIEW,Q1,FW_START,FW_START").unknown == ()


def noisy(label: str, rng: np.random.Generator) -> str:
    """Write a label in another of the ways that the survey's files write labels."""
    forms = [
        label,
        label.upper(),
        f"  {label.replace(' ', '  ')} ",
        label.replace(" ", "\u00a0"),
        label.replace("'", "\u2019").replace("\u00b4", "'"),
        label.replace("'", "\u00b4").replace(" - ", " \u2013 "),
        label if label.endswith("}") else label.replace("-9:-2", "know").rstrip(".") + ".",
        label.replace("labor", "labour").replace("organized", "organised"),
    ]
    return forms[rng.integers(len(forms))]


@pytest.mark.parametrize("name", ["2006_US", "2022_bangladesh", "2022_US"])
def test_spelling_costs_no_answer(items: Mapping[str, Item], tmp_path: Path, name: str) -> None:
    made = export(name)
    rng = np.random.default_rng(5)
    places = set(variables(made.wave).values())
    noise = {
        column: made.labelled[column].replace(
            {
                label: noisy(label, rng)
                for label in made.labelled[column].drop_nulls().unique(maintain_order=True)
            }
        )
        for column in made.labelled.columns
        if column.partition(":")[0] in places
    }
    made.labelled.write_parquet(tmp_path / "a.parquet")
    headed = {column: column.replace("Confidence", "CONFIDENCE ") for column in noise}
    made.labelled.with_columns(**noise).rename(headed).write_parquet(tmp_path / "b.parquet")
    clean, read = (read_survey(tmp_path / f"{file}.parquet", items) for file in "ab")
    assert read.unknown == ()
    assert_frame_equal(read.microdata.counts(), clean.microdata.counts())
