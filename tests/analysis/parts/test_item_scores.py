from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import Settings
from doxa.analysis.parts.item_scores import (
    average_items,
    item_alignment,
    item_metrics,
    score_items,
)
from doxa.analysis.parts.pairs import pair_items

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

DRAWS = Settings(n_resamples=80, seed=4, confidence=0.9)


@pytest.fixture(scope="module")
def pairs(human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    wave7 = human.filter(wave=7)
    sampled = model_from(human, "USA", elicitation="sampling")
    model = blend(sampled, 0.3).with_columns(n_replies=pl.lit(40, pl.UInt32))
    return pair_items(model, wave7, bank)


def test_each_item_is_scored_on_its_own_scale(pairs: pl.DataFrame, bank: QuestionBank) -> None:
    some = pairs.filter(pl.col("question").is_in(["Q1", "Q42"]), country="JPN")
    found = dict(zip(some["question"], item_alignment(some, bank), strict=True))
    shares = {q: np.subtract(p, h) for q, p, h in some.select(
        "question", "probabilities", "probabilities_human").iter_rows()}  # fmt: skip
    assert found["Q1"] == pytest.approx(1 - np.abs(np.cumsum(shares["Q1"]))[:-1].mean())
    assert found["Q42"] == pytest.approx(1 - np.abs(shares["Q42"]).sum() / 2)
    metrics = item_metrics(some, bank, ("mean_difference", "mode_match"))
    assert metrics["mean_difference"].is_null().to_list() == [q == "Q42" for q in some["question"]]


def test_the_sides_may_be_other_columns_and_no_rows_give_no_scores(
    pairs: pl.DataFrame, bank: QuestionBank
) -> None:
    turned = item_alignment(pairs, bank, "probabilities_human", "probabilities")
    np.testing.assert_allclose(turned, item_alignment(pairs, bank), atol=1e-14)
    nothing = item_metrics(pairs.clear(), bank, ("alignment", "hellinger"))
    assert nothing.schema == {"alignment": pl.Float64, "hellinger": pl.Float64}


def test_scores_averaged_are_the_averages_of_scores(
    pairs: pl.DataFrame, bank: QuestionBank
) -> None:
    scored = score_items(pairs, bank, ["country"], DRAWS)
    averaged = average_items(
        pl.DataFrame({"alignment": item_alignment(pairs, bank)}), pairs, ["country"], DRAWS
    )
    assert averaged.groups.equals(scored.groups)
    assert scored.replicates().shape == (4, 80)
    assert scored.groups["n"].to_list() == [144] * 4


@pytest.mark.parametrize("source", ["respondents", "replies"])
def test_sample_sizes_are_resampled_on_request(
    pairs: pl.DataFrame, bank: QuestionBank, source: str
) -> None:
    few = pairs.head(30)
    batch = score_items(few, bank, ["country"], DRAWS, resample=(source,))  # type: ignore[arg-type]
    doubled = few.with_columns(pl.col("n_effective", "n_replies") * 16)
    surer = score_items(doubled, bank, ["country"], DRAWS, resample=(source,))  # type: ignore[arg-type]
    ratio = (batch.groups["std_error"] / surer.groups["std_error"]).to_numpy()
    assert ratio == pytest.approx(np.full(len(ratio), 4.0), rel=0.35)
