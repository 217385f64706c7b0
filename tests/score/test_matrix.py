from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import doxa
from doxa.errors import InvalidArgumentError, InvalidDistributionError

RNG = np.random.default_rng(3)


def table(names: list[str], items: int) -> tuple[list[np.ndarray], list[str], list[str]]:
    groups = [name for name in names for _ in range(items)]
    labels = [f"Q{i}" for _ in names for i in range(items)]
    rows = [RNG.dirichlet(np.ones(2 + int(label[1:]) % 5)) for label in labels]
    return rows, groups, labels


@pytest.mark.parametrize("metric", ["alignment", "js_distance"])
@pytest.mark.parametrize("threads", [1, 3])
def test_agrees_with_scoring_every_pair(metric: str, threads: int) -> None:
    models, model_groups, model_items = table([f"m{i}" for i in range(3)], 7)
    humans, human_groups, human_items = table([f"c{i}" for i in range(40)], 7)
    # Some groups lack some items.
    kept = [i for i in range(len(humans)) if (i * 7) % 11]
    matrix = doxa.score.alignment_matrix(
        models,
        groups=model_groups,
        items=model_items,
        others=[humans[i] for i in kept],
        other_groups=[human_groups[i] for i in kept],
        other_items=[human_items[i] for i in kept],
        metric=metric,
        n_threads=threads,
    )
    assert matrix.columns == ["group", *(f"c{i}" for i in range(40))]
    for model in ("m0", "m2"):
        for human in ("c0", "c39"):
            pairs = [
                (models[i], humans[j])
                for i in range(len(models))
                for j in kept
                if model_groups[i] == model
                and human_groups[j] == human
                and model_items[i] == human_items[j]
            ]
            first, second = zip(*pairs, strict=True)
            batch = doxa.score_batch(list(first), list(second), metrics=[metric])
            expected = batch.groups["estimate"][0]
            found = matrix.filter(pl.col("group") == model)[human][0]
            assert found == pytest.approx(expected, abs=1e-14)


def test_groups_without_a_common_item_have_no_score() -> None:
    matrix = doxa.score.alignment_matrix(
        [[0.5, 0.5], [0.1, 0.9]],
        groups=pl.DataFrame({"country": ["JPN", "USA"], "wave": [6, 7]}),
        items=["Q1", "Q2"],
    )
    assert matrix.rows() == [("JPN", 6, 1.0, None), ("USA", 7, None, 1.0)]
    assert matrix.columns[2:] == ["JPN/6", "USA/7"]


def test_rows_of_one_item_have_one_length() -> None:
    with pytest.raises(InvalidDistributionError, match="human row 1 has 3 options"):
        doxa.score.alignment_matrix(
            [[0.5, 0.5], [0.1, 0.2, 0.7]], groups=["a", "b"], items=["Q1", "Q1"]
        )


def test_others_need_their_labels() -> None:
    with pytest.raises(InvalidArgumentError, match="other_groups="):
        doxa.score.alignment_matrix([[0.5, 0.5]], groups=["a"], items=["Q1"], others=[[0.5, 0.5]])
