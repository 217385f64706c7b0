from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.survey import describe, read_survey, statistical

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


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_file_is_read_in_pieces(
    kind: Literal["sav", "dta"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pl.DataFrame(
        {"a": range(4500), "b": ["x", None, "z"] * 1500, "c": [1.0, None, 2.5] * 1500}
    )
    path = tmp_path / f"a.{kind}"
    getattr(pyreadstat, f"write_{kind}")(frame, str(path))
    whole = statistical.read(path, kind, ["c", "a", "b"], None)
    monkeypatch.setattr(statistical, "_CELLS_AT_ONCE", 3)
    for n_rows in (None, 4500, 3000, 1700, 1):
        expected = whole[:n_rows]
        assert_frame_equal(statistical.read(path, kind, ["c", "a", "b"], n_rows), expected)
    assert whole.height == 4500
    assert whole["a"].to_list() == list(range(4500))
    # "x" is text here, and not Stata's letter of a missing number
    assert whole["b"].unique(maintain_order=True).to_list() == ["x", "", "z"]


def test_a_column_without_a_name_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pl.DataFrame({"a": [1]}), str(path))
    read_sav = pyreadstat.read_sav

    def nameless(*args: object, **options: object) -> object:
        values, meta = read_sav(*args, **options)
        meta.column_names = [None]
        return values, meta

    monkeypatch.setattr(pyreadstat, "read_sav", nameless)
    with pytest.raises(ValueError, match="a column has no name"):
        statistical.contents(path, "sav")
