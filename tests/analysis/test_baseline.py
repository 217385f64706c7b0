from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.analysis import leave_one_out

if TYPE_CHECKING:
    from doxa.question import QuestionBank


def test_each_other_country_counts_once_and_the_own_one_not(human: pl.DataFrame) -> None:
    averaged = leave_one_out(human)
    shares = {
        (wave, country, question): np.array(p)
        for wave, country, question, p in human.select(
            "wave", "country", "question", "probabilities"
        ).iter_rows()
    }
    assert averaged.height > 0
    for _, wave, country, question, baseline, n in averaged.iter_rows():
        others = [
            p for (w, c, q), p in shares.items() if (w, q) == (wave, question) and c != country
        ]
        assert n == len(others)
        np.testing.assert_allclose(baseline, np.mean(others, axis=0), rtol=0, atol=1e-14)


def test_a_lone_country_has_no_baseline(human: pl.DataFrame) -> None:
    assert leave_one_out(human.filter(country="JPN", wave=7)).is_empty()


def test_further_keys_are_averaged_within_themselves(human: pl.DataFrame) -> None:
    japan = human.filter(country="JPN", wave=7).with_columns(sex=pl.lit("f"))
    others = human.filter(country="USA", wave=7).with_columns(sex=pl.lit("m"))
    assert leave_one_out(pl.concat([japan, others])).is_empty()


def test_baselines_fit_the_bank(human: pl.DataFrame, bank: QuestionBank) -> None:
    for question, baseline in leave_one_out(human).select("question", "baseline").iter_rows():
        assert len(baseline) == len(bank.items[question].scale.codes)
