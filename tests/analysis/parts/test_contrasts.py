from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from analysis.made_models import blend, model_from
from doxa.analysis import Settings
from doxa.analysis.parts.baseline import Baseline
from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.item_scores import check_sizes
from doxa.analysis.parts.pairs import pair_all
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score import item_weights, score_batch

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

KEYS = ["language", "country"]
ITEMS = ["Q1", "Q2", "Q3", "Q46", "Q57", "Q60", "Q69"]


@pytest.fixture(scope="module")
def pairs(human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    model = pl.concat([
        model_from(human, "USA"),
        blend(model_from(human, "JPN", language="ja"), 0.4).filter(pl.col("question") != "Q2"),
    ])  # fmt: skip
    wave7 = human.filter(pl.col("question").is_in(ITEMS), wave=7)
    return pair_all(model, wave7, bank).with_columns(
        elicitation=pl.lit("sampling"), n_replies=pl.lit(30, pl.UInt32)
    )


def test_values_are_alignments_in_their_places(pairs: pl.DataFrame, bank: QuestionBank) -> None:
    scores = GroupScores(pairs, bank, KEYS, Settings(n_resamples=20))
    assert scores.items == sorted(ITEMS)
    assert scores.groups.height == 8
    for group, (language, _) in enumerate(scores.groups.iter_rows()):
        assert np.isnan(scores.values[group, scores.items.index("Q2")]) == (language == "ja")
    echo = scores.groups.with_row_index("group").filter(language="en", country="USA")
    np.testing.assert_allclose(scores.values[echo["group"].item()], 1.0, atol=1e-14)


def test_a_mean_has_the_estimate_and_interval_of_a_batch(
    pairs: pl.DataFrame, bank: QuestionBank
) -> None:
    settings = Settings(n_resamples=200, seed=3, confidence=0.9)
    scores = GroupScores(pairs, bank, KEYS, settings)
    means, replicates = scores.means()
    scales = [bank.items[name].scale for name in pairs["question"]]
    whole = pairs.filter(language="en")
    batch = score_batch(
        whole["probabilities"], whole["probabilities_human"], groups=whole.select(KEYS),
        items=whole["question"], scale=[s.kind for s in scales[: whole.height]],
        positions=[s.positions for s in scales[: whole.height]], resample="items",
        n_resamples=200, seed=3, confidence=0.9,
    )  # fmt: skip
    places = [i for i, (language, _) in enumerate(scores.groups.iter_rows()) if language == "en"]
    for name in ("estimate", "low", "high", "std_error"):
        found = means[name].to_numpy()[places]
        np.testing.assert_allclose(found, batch.groups[name].to_numpy(), atol=1e-13)
    np.testing.assert_allclose(replicates[places], batch.replicates(), atol=1e-13)


def test_a_contrast_uses_the_items_that_all_its_groups_have(
    pairs: pl.DataFrame, bank: QuestionBank
) -> None:
    settings = Settings(n_resamples=50)
    scores = GroupScores(pairs, bank, KEYS, settings)
    contrasts = [{0: 1.0, 4: -1.0}, {0: 1.0, 1: -1.0}, {0: 0.0, 4: 1.0}]
    table, replicates = scores.contrast(contrasts)
    assert table["n_items"].to_list() == [6, 7, 6]
    difference = scores.values[0] - scores.values[4]
    held = ~np.isnan(difference)
    assert table["estimate"][0] == pytest.approx(difference[held].mean(), abs=1e-14)
    weights = item_weights(6, n_resamples=50, seed=0)
    np.testing.assert_allclose(replicates[0], weights @ difference[held], atol=1e-14)
    known = np.where(held, 2.0, np.nan)[None, :]
    np.testing.assert_allclose(scores.replicates_of(known), 2.0)


@pytest.mark.parametrize("resample", ["respondents", "replies", ("items", "respondents")])
def test_a_baseline_is_taken_away_in_every_replicate(
    pairs: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, resample: str
) -> None:
    settings = Settings(n_resamples=150, resample=resample)  # type: ignore[arg-type]
    wave7 = human.filter(pl.col("question").is_in(ITEMS), wave=7)
    english = pairs.filter(language="en")
    scores = GroupScores(english, bank, KEYS, settings)
    baseline = Baseline(wave7, bank, "leave_one_out")
    level, level_drawn = scores.means()
    gap, gap_drawn = scores.means(minus=(baseline, range(4)))
    values = baseline.values(scores.items)
    np.testing.assert_allclose(
        gap["estimate"], level["estimate"].to_numpy() - values.mean(axis=1), atol=1e-12
    )
    _, taken = scores.drawn_baseline(baseline, range(4))
    np.testing.assert_allclose(gap_drawn, level_drawn - taken, atol=1e-12)
    near = taken.mean(axis=1)
    assert near == pytest.approx(values.mean(axis=1), abs=0.02)
    assert (taken.std(axis=1) > 1e-9).all() == (resample != "replies")


def test_nothing_in_common_is_null(pairs: pl.DataFrame, bank: QuestionBank) -> None:
    apart = pairs.filter(
        (pl.col("language") == "en") == (pl.col("question") == "Q2"), country="JPN"
    )
    scores = GroupScores(apart, bank, KEYS, Settings(n_resamples=20))
    table, replicates = scores.contrast([{0: 1.0, 1: -1.0}, {0: 1.0}])
    assert table.row(0) == (0, None, None, None, None, None)
    assert table.row(1)[:3] == (1, pytest.approx(scores.values[0, scores.items.index("Q2")]), None)
    assert np.isnan(replicates[0]).all()


def test_unknown_numbers_of_respondents_cannot_be_resampled(pairs: pl.DataFrame) -> None:
    unknown = pairs.with_columns(
        n_effective=pl.when(pl.col("question") != "Q3").then("n_effective")
    )
    check_sizes(unknown, Settings())
    with pytest.raises(NoDataError, match=r"wave 7, Q3: the number of respondents is unknown"):
        check_sizes(unknown, Settings(resample="respondents"))
    whole = pairs.with_columns(elicitation=pl.lit("logprobs"))
    with pytest.raises(InvalidArgumentError, match="'logprobs' gives whole distributions"):
        check_sizes(whole, Settings(resample="replies"))
