from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from doxa.distribution import human_distributions
from doxa.errors import SurveyError
from doxa.survey import holds_global_opinions, import_files, read_counts, read_global_opinions

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


def test_bad_cells_are_named(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("question,selections,options\nWhy?,nothing,\"['a', 'b']\"\n")
    with pytest.raises(SurveyError, match="row 0: 'nothing' is not a dict"):
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


def test_shares_without_respondents_cannot_be_grouped(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(TEXT)
    with pytest.raises(SurveyError, match="no respondents to group by 'sex=Q260'"):
        import_files([tmp_path / "q.csv"], tmp_path / "human", {}, by=["sex=Q260"])
    assert not (tmp_path / "human").exists()
