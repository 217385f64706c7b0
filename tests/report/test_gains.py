from __future__ import annotations

import made_up
import polars as pl
import pytest

from doxa.analysis import Settings
from doxa.evaluate import evaluate, make_table
from doxa.recorded import Recording
from doxa.report.gains import language_gains
from doxa.report.tables import conditions_of
from doxa.report.words import Names

from .invented import BANK


def test_each_gain_has_its_corrected_interval() -> None:
    evaluation = made_up.made_up_evaluation()
    conditions = conditions_of([evaluation.alignment], Names(BANK))
    found = pl.DataFrame(language_gains(evaluation, conditions, []))
    table = make_table(evaluation, "language_gains")
    assert found.height == table.height > 0
    for got, row in zip(found.rows(named=True), table.rows(named=True), strict=True):
        asked = conditions[got["condition"]]
        assert (asked.steering, asked.language) == ("none", row["language"])
        assert (got["model"], got["country"]) == (row["model"], row["country"])
        assert got["estimate"] == pytest.approx(row["estimate"], abs=1e-4)
        assert got["low"] == pytest.approx(row["low_adjusted"], abs=1e-4)


def test_one_language_gains_nothing() -> None:
    english = made_up.made_up_replies().filter(language="en")
    evaluation = evaluate(Recording(english), settings=Settings(n_resamples=50))
    conditions = conditions_of([evaluation.alignment], Names(BANK))
    assert language_gains(evaluation, conditions, []) == {"condition": []}
