from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.survey import describe, read_survey

from .truth import tabulated

if TYPE_CHECKING:
    from pathlib import Path

    from doxa.questionnaire.item import Item


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


def test_values_that_spss_declares_missing_get_the_reason_of_their_label(
    some_items: dict[str, Item], tmp_path: Path
) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    answers = [1.0, 4.0, -2.0, 8.0, 9.0, 97.0, 998.0, 5.0] + [2.0] * 100
    n = len(answers)
    frame = pl.DataFrame(
        {"B_COUNTRY_ALPHA": ["JPN"] * n, "W_WEIGHT": [1.0] * n, "Q1": answers, "Q18": [1.0] * n}
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
    # An answer stays an answer even if the file declares it missing; 5 is neither.
    assert dict(counts.select("code", "n").rows()) == {
        1: 1, 2: 100, 4: 1, -1: 1, -2: 2, -5: 2, -6: 1,
    }  # fmt: skip
    assert [str(one) for one in describe(survey).unknown] == ["Q1: '5' (1)"]
