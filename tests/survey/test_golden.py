"""Shares, their standard errors and effective numbers agree with R's package survey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doxa.distribution import human_distributions
from doxa.survey import read_survey

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

GOLDEN = Path(__file__).parent / "golden"
KEYS = ["country", "question", "code"]


@pytest.mark.parametrize("weighted", [True, False])
def test_shares_agree_with_r(bank: QuestionBank, weighted: bool) -> None:
    survey = read_survey(GOLDEN / "respondents.csv", bank.items, weighted=weighted)
    golden = pl.read_csv(GOLDEN / "shares.csv").filter(pl.col("weighted") == weighted)
    counts = survey.microdata.counts().filter(pl.col("code") >= 0)
    found = (
        survey.microdata.shares()
        .join(counts.select(*KEYS, "n_effective"), on=KEYS)
        .filter(pl.col("share") > 0)
        .select(*KEYS, "share", "std_error", "n", "n_effective")
        .sort(KEYS)
    )
    expected = golden.select(found.columns).cast({"n": pl.Float64}).sort(KEYS)
    assert expected.height > 100
    assert_frame_equal(found, expected, rel_tol=0, abs_tol=1e-9)


def test_distributions_agree_with_r(bank: QuestionBank) -> None:
    counts = read_survey(GOLDEN / "respondents.csv", bank.items).microdata.counts()
    golden = pl.read_csv(GOLDEN / "shares.csv").filter("weighted")
    by_r = {(c, q, code): share for c, q, code, share in golden.select(*KEYS, "share").rows()}
    for row in human_distributions(counts, bank).iter_rows(named=True):
        shares = [by_r.get((row["country"], row["question"], code), 0.0) for code in row["codes"]]
        assert row["off_scale_mass"] == pytest.approx(1 - sum(shares), abs=1e-9)
        rescaled = [share / sum(shares) for share in shares]
        assert row["probabilities"] == pytest.approx(rescaled, abs=1e-9)
