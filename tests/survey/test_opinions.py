from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from doxa.distribution import human_distributions
from doxa.errors import SurveyError
from doxa.survey import read_global_opinions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doxa.item import Item

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
    assert [words[0] for words in opinions.wording.values()] == ["Do bees matter?", "Odd?"]
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
    with pytest.raises(SurveyError, match="row 0: 'nothing' is no dict"):
        read_global_opinions(tmp_path / "q.csv")
    (tmp_path / "q.csv").write_text("question,options\nWhy?,x\n")
    with pytest.raises(SurveyError, match="no column 'selections'"):
        read_global_opinions(tmp_path / "q.csv")
    (tmp_path / "q.csv").write_text("question,selections,options\nWhy?,{},\"['a', 'b']\"\n")
    with pytest.raises(SurveyError, match="no question has shares of a country"):
        read_global_opinions(tmp_path / "q.csv")
