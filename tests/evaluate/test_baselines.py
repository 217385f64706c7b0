"""Scores beside every kind of baseline."""

from __future__ import annotations

import polars as pl
from made_up import BANK, made_up_replies

from doxa.analysis import Settings
from doxa.evaluate import evaluate, make_table
from doxa.recorded import Recording
from doxa.survey import sample


def test_a_baseline_that_cannot_be_had_is_told_and_the_others_stand() -> None:
    nothing = pl.lit(None, pl.Float64)
    unknown = sample(wave=7).with_columns(n=nothing, n_effective=nothing)
    evaluation = evaluate(Recording(made_up_replies()), unknown, BANK)
    table = make_table(evaluation, "baselines")
    pooled = table.filter(baseline_kind="pooled")
    assert pooled.height == table.height / 4
    assert pooled["gap"].null_count() == pooled["verdict"].null_count() == pooled.height
    assert set(pooled["note"].str.contains("the number of respondents is unknown")) == {True}
    assert table.filter(baseline_kind="uniform")["gap"].null_count() == 0


def test_baselines_judge_by_the_same_threshold() -> None:
    settings = Settings(n_resamples=20, threshold=0.5)
    wide = evaluate([Recording(made_up_replies())], sample(), BANK, settings)
    assert set(make_table(wide, "baselines")["verdict"]) == {"appropriate"}
