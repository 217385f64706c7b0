from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa.errors import InvalidArgumentError, InvalidDistributionError


def test_kinds_and_lengths_mix_in_one_batch() -> None:
    batch = doxa.score_batch(
        [[0.2, 0.3, 0.5], [0.2, 0.3, 0.5], [0.0, 1.0]],
        [[0.1, 0.1, 0.8], [0.1, 0.1, 0.8], [1.0, 0.0]],
        scale=["ordinal", "nominal", "ordinal"],
        positions=[[0, 1, 10], (), ()],
        metrics=["alignment", "mean_difference"],
    )
    assert batch.scores["alignment"].to_list() == pytest.approx([1 - (0.1 + 0.3 * 9) / 10, 0.7, 0])
    assert batch.scores["mean_difference"].to_list() == [pytest.approx(-2.8), None, 1.0]


def test_point_masses_at_the_ends_are_as_far_apart_as_the_options() -> None:
    """The distance would be 0 if the shares were taken for a sample."""
    batch = doxa.score_batch([[1.0, 0, 0]], [[0, 0, 1.0]], metrics=["wasserstein"])
    assert batch.scores["wasserstein"].to_list() == [2.0]


def test_normalize_keeps_the_container() -> None:
    counts = [[1.0, 3.0], [2.0, 2.0, 4.0]]
    shares = [[0.25, 0.75], [0.25, 0.25, 0.5]]
    assert [row.tolist() for row in doxa.normalize(counts)] == shares
    assert doxa.normalize(pl.Series("n", counts)).to_list() == shares
    assert doxa.normalize(np.array([[1, 3]])).tolist() == shares[:1]
    assert doxa.normalize([]) == []


@pytest.mark.parametrize("row", [[0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0], []])
def test_normalize_refuses_rows_without_shares(row: list[float]) -> None:
    with pytest.raises(InvalidDistributionError, match="row 1 cannot be normalised"):
        doxa.normalize([[1.0, 1.0], row])


def test_a_metric_may_be_named_by_itself() -> None:
    rows = [[0.2, 0.3, 0.5]], [[0.1, 0.1, 0.8]]
    alone = doxa.score_batch(*rows, metrics="hellinger")
    assert alone.scores.equals(doxa.score_batch(*rows, metrics=["hellinger"]).scores)
    assert doxa.score_batch(*rows).scores.columns == ["alignment"]


def test_numbers_behind_the_rows_are_asked_for_by_name() -> None:
    rows = [[0.2, 0.8]], [[0.3, 0.7]]
    for source, name in (("respondents", "human_n"), ("replies", "model_n")):
        with pytest.raises(InvalidArgumentError, match=f"pass {name}="):
            doxa.score_batch(*rows, resample=source)  # type: ignore[arg-type]
