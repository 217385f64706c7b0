from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import entropy

from analysis.made_models import blend, model_from
from doxa.analysis.consistency import FAMILIES, family_consistency
from doxa.errors import InvalidArgumentError, NoDataError

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def test_families_are_items_of_the_bank_and_do_not_overlap(bank: QuestionBank) -> None:
    items = [item for family in FAMILIES.values() for item in family]
    assert set(items) <= set(bank.items)
    assert len(items) == len(set(items))


def test_it_agrees_with_scipy(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.5)
    table = family_consistency(model, human, bank).filter(country="JPN")
    assert table["family"].unique(maintain_order=True).to_list() == list(FAMILIES)
    sides = [model, human.filter(country="JPN", wave=7)]
    shares = [dict(side.select("question", "probabilities").iter_rows()) for side in sides]
    for row in table.iter_rows(named=True):
        values = []
        for question in FAMILIES[row["family"]]:
            x = np.array(bank.items[question].scale.positions)
            both = [np.array(side[question]) for side in shares]
            if row["measure"] == "normalised entropy":
                values.append([entropy(p) / np.log(len(p)) for p in both])
            elif bank.items[question].scale.kind == "ordinal":
                apart = [min(np.abs(x - m) @ p for m in x) for p in both]  # from the median
                values.append([1 - 2 * d / np.ptp(x) for d in apart])
        ours, theirs = np.mean(values, axis=0)
        assert row["n_items"] == len(values)
        assert row["estimate"] == pytest.approx(ours, abs=1e-12)
        assert row["human"] == pytest.approx(theirs, abs=1e-12)
        assert row["difference"] == pytest.approx(ours - theirs, abs=1e-12)
        assert row["low"] <= row["estimate"] <= row["high"]
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]


def test_a_questionnaire_without_the_families_of_the_survey_has_no_table(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    trust = [*FAMILIES["trust"], "Q1"]
    some = SimpleNamespace(items={name: bank.items[name] for name in trust})
    sides = [side.filter(pl.col("question").is_in(trust)) for side in (model, human)]
    assert family_consistency(*sides, some)["family"].unique().to_list() == ["trust"]
    other = SimpleNamespace(items={name: bank.items[name] for name in ("Q1", "Q57")})
    sides = [side.filter(pl.col("question").is_in(other.items)) for side in (model, human)]
    with pytest.raises(NoDataError):
        family_consistency(*sides, other)


def test_own_families_and_invalid_ones(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "USA")
    own = family_consistency(model, human, bank, families={"one": ["Q1"], "society": ["Q42"]})
    assert own.filter(country="JPN").select("family", "measure", "n_items", "note").rows() == [
        ("one", "agreement", 1, "one item: no interval"),
        ("one", "normalised entropy", 1, "one item: no interval"),
        ("society", "agreement", 0, "no item has a value"),
        ("society", "normalised entropy", 1, "one item: no interval"),
    ]
    for name in ("low", "human_low", "human_high", "difference_low", "difference_high"):
        assert own[name].null_count() == own.height
    with pytest.raises(InvalidArgumentError, match="family 'mine': the bank has no item 'Q999'"):
        family_consistency(model, human, bank, families={"mine": ["Q999"]})
    with pytest.raises(NoDataError, match="nothing to pair"):
        family_consistency(model.filter(question="Q2"), human, bank)
