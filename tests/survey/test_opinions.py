from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from doxa.distribution import human_distributions
from doxa.errors import SurveyError
from doxa.survey import holds_global_opinions, import_files, read_counts, read_global_opinions
from doxa.survey.shifted_labels import POOLED, UNKNOWN_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.questionnaire.item import Item

TEXT = """question,selections,options,source
Do bees matter?,"defaultdict(<class 'list'>, {'Japan': [0.5, 0.3, 0.2], 'Russia': [0.1, 0.9, 0.0],\
 'Colombia (Non-national sample)': [0.25, 0.75, 0.0], 'Atlantis': [1, 0, 0]})","['Yes', 'No',\
 'DK/Refused']",GAS
Any?,"{'Japan': [1.0]}",['Yes'],GAS
Odd?,"{'Japan': [1.0]}","['Yes', 'No']",GAS
"""
ODD_SHARES = ("[2, 3]", "[1e999, 0]", "['a', 0]", "[-0.1, 1]", "[0, 0]", "3")


@dataclass
class Bank:
    items: Mapping[str, Item]


def test_shares_by_country_without_respondents(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(TEXT)
    opinions = read_global_opinions(tmp_path / "q.csv")
    assert list(opinions.wording.values()) == [
        ("Do bees matter?", ((1, "Yes"), (2, "No"))),
        ("Odd?", ((1, "Yes"), (2, "No"))),
    ]
    shares = human_distributions(opinions.counts, Bank(opinions.items), missing="off-scale")
    found = {
        country: (probabilities, off)
        for country, probabilities, off in shares.select(
            "country", "probabilities", "off_scale_mass"
        ).rows()
    }
    assert found["JPN"] == (pytest.approx([0.625, 0.375]), pytest.approx(0.2))
    assert found["RUS"] == (pytest.approx([0.1, 0.9]), 0.0)
    assert set(found) == {"JPN", "RUS", "COL"}
    assert shares["n_effective"].is_null().all()
    assert opinions.left_out == {
        "question with fewer than two answers": 1,
        "shares unlike the options": 1,
        "sample of no single country": 1,
    }


def wvs(*labels: str, source: str = ",WVS") -> str:
    """Make a file with one question; the number of "Yes" tells the labels apart."""
    cells = {label: [place / 1000, 1 - place / 1000] for place, label in enumerate(labels, 1)}
    header = "question,selections,options" + (",source" if source else "")
    return f"""{header}\nDo bees matter?,"{cells}","['Yes', 'No']"{source}\n"""


def yes(path: Path, **options: bool) -> tuple[dict[str, int], Mapping[str, int], str]:
    opinions = read_global_opinions(path, **options)
    counts = opinions.counts.filter(code=1)
    places = {c: round(1000 * s) for c, s in counts.select("country", "share").iter_rows()}
    return places, opinions.left_out, opinions.names


FIRST = ("Andorra", "Argentina", "Australia", "Bangladesh", "Armenia", "Bolivia")


def test_shifted_country_names_of_the_wvs_part_are_corrected(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(wvs(*FIRST))
    places, left_out, names = yes(path)
    assert places == {"AND": 2, "ARG": 3, "AUS": 4, "BGD": 5, "BOL": 6}
    assert left_out == {UNKNOWN_LABEL: 1}
    assert "are corrected" in names
    places, left_out, names = yes(path, as_labelled=True)
    assert places == {"AND": 1, "ARG": 2, "AUS": 3, "BGD": 4, "ARM": 5, "BOL": 6}
    assert not left_out
    assert names.endswith("as the file has them")


def test_cells_that_pool_two_surveys_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(wvs("Albania", "Azerbaijan", "Australia", "Germany", "Sweden", "Japan"))
    places, left_out, _ = yes(path)
    assert places == {"AND": 2, "ARG": 3, "SWE": 5, "JPN": 6}
    assert left_out == {UNKNOWN_LABEL: 1, POOLED: 1}
    path.write_text(wvs("Germany", "Japan"))
    assert yes(path)[0] == {"DEU": 1, "JPN": 2}


def test_names_of_other_surveys_and_of_files_that_name_none_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(wvs(*FIRST, source=",GAS"))
    assert yes(path)[0]["ARG"] == 2
    path.write_text(wvs(*FIRST, source=""))
    places, _, names = yes(path)
    assert places["ARG"] == 2
    assert "without a column 'source'" in names


def test_one_sample_of_a_country_is_kept_the_national_one(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        wvs("India (Old national sample)", "India (Current national sample)", source=",GAS")
    )
    assert yes(path)[:2] == ({"IND": 2}, {"further sample of a country": 1})


def test_the_decimals_of_a_question_tell_how_its_shares_were_rounded(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(TEXT)
    rounding = read_global_opinions(tmp_path / "q.csv").counts["rounding"]
    assert rounding[0] == pytest.approx(0.005)
    (tmp_path / "q.csv").write_text(wvs("Japan").replace("0.999", "0.9991234567"))
    assert read_global_opinions(tmp_path / "q.csv").counts["rounding"].is_null().all()


@pytest.mark.parametrize("shares", ODD_SHARES)
def test_shares_that_are_none_are_left_out_and_counted(tmp_path: Path, shares: str) -> None:
    cells = "{'Japan': [0.5, 0.5], 'Russia': " + shares + "}"
    header = "question,selections,options\n"
    (tmp_path / "q.csv").write_text(f"""{header}Why?,"{cells}","['a', 'b']"\n""")
    opinions = read_global_opinions(tmp_path / "q.csv")
    assert opinions.counts["country"].unique().to_list() == ["JPN"]
    assert opinions.left_out == {"shares unlike the options": 1}


def test_bad_cells_are_named(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("question,selections,options\nWhy?,nothing,\"['a', 'b']\"\n")
    with pytest.raises(SurveyError, match="row 2: 'nothing' is not a dict"):
        read_global_opinions(tmp_path / "q.csv")
    (tmp_path / "q.csv").write_text("question,options\nWhy?,x\n")
    with pytest.raises(SurveyError, match="no column 'selections'"):
        read_global_opinions(tmp_path / "q.csv")
    (tmp_path / "q.csv").write_text("question,selections,options\nWhy?,{},\"['a', 'b']\"\n")
    with pytest.raises(SurveyError, match="no question has shares for a country"):
        read_global_opinions(tmp_path / "q.csv")


def test_an_import_keeps_shares_and_wording_and_is_done_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "opinions.zip", "w") as archive:
        archive.writestr("opinions.csv", TEXT)
    assert holds_global_opinions(tmp_path / "opinions.zip")
    (result,) = import_files([tmp_path / "opinions.zip"], tmp_path / "human", {})
    opinions = read_global_opinions(tmp_path / "opinions.zip")
    assert read_counts(tmp_path / "human").equals(opinions.counts)
    assert opinions.counts["share"].is_not_null().all()
    assert opinions.counts["n"].is_null().all()
    assert result.microdata is None
    assert result.report is not None
    assert "countries    COL (1), JPN (1), RUS (1)" in result.report.lines()
    (questions,) = (tmp_path / "human").glob("questions-*.jsonl")
    first = json.loads(questions.read_text(encoding="utf-8").splitlines()[0])
    assert first["id"] in opinions.items
    assert first["choices"] == ["Yes", "No"]
    assert first["choice_keys"] == ["1", "2"]
    (again,) = import_files([tmp_path / "opinions.zip"], tmp_path / "human", {})
    assert again.already_there
    assert again.counts == result.counts


def test_country_names_are_imported_as_they_stand_on_request(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(wvs(*FIRST))
    out = tmp_path / "human"
    import_files([tmp_path / "q.csv"], out, {})
    assert set(read_counts(out)["country"]) == {"AND", "ARG", "AUS", "BGD", "BOL"}
    (result,) = import_files([tmp_path / "q.csv"], out, {}, as_labelled=True)
    assert set(read_counts(out)["country"]) == {"AND", "ARG", "AUS", "BGD", "ARM", "BOL"}
    assert result.report is not None
    assert result.report.names.endswith("as the file has them")
    (tmp_path / "people.csv").write_text("B_COUNTRY,Q1\n392,1\n")
    with pytest.raises(SurveyError, match="is not GlobalOpinionQA: leave as_labelled out"):
        import_files([tmp_path / "people.csv"], out, {}, as_labelled=True)


def test_shares_without_respondents_cannot_be_grouped(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(TEXT)
    with pytest.raises(SurveyError, match="no respondents to group by 'sex=Q260'"):
        import_files([tmp_path / "q.csv"], tmp_path / "human", {}, by=["sex=Q260"])
    assert not (tmp_path / "human").exists()
