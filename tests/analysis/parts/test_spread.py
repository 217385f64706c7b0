from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import entropy

from doxa.analysis.parts.spread import item_spread

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank


def spread_of_people(shares: list[float], positions: list[float]) -> tuple[float, float, float]:
    """Compute the same measures from 10,000 made-up respondents."""
    counts = np.rint(np.array(shares) * 10_000).astype(int)
    answers = np.repeat((np.array(positions) - positions[0]) / np.ptp(positions), counts)
    apart = np.abs(answers - np.median(answers)).mean()
    return float(answers.var()), entropy(counts) / np.log(len(counts)), 1 - 2 * float(apart)


@pytest.mark.parametrize("question", ["Q1", "Q18", "Q48", "Q122"])
def test_it_agrees_with_counting_people(question: str, bank: QuestionBank) -> None:
    scale = bank.items[question].scale
    rng = np.random.default_rng(6)
    shares = [
        rng.multinomial(10_000, p) / 10_000 for p in rng.dirichlet(np.ones(len(scale.codes)), 20)
    ]
    frame = pl.DataFrame({"question": [question] * 20, "probabilities": shares})
    expected = [spread_of_people(row, list(scale.positions)) for row in shares]
    np.testing.assert_allclose(item_spread(frame, bank).to_numpy(), expected, atol=1e-12)


def test_nominal_items_have_entropy_alone_and_rows_keep_their_places(bank: QuestionBank) -> None:
    frame = pl.DataFrame({
        "question": ["Q42", "Q1", "Q42"],
        "shares": [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1 / 3, 1 / 3, 1 / 3]],
    })  # fmt: skip
    found = item_spread(frame, bank, column="shares")
    assert found["entropy"].to_list() == pytest.approx([0, 0, 1])
    assert found["variance"].to_list() == [None, 0.0, None]
    assert found["agreement"].to_list() == [None, pytest.approx(1.0), None]
