from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from analysis.made_models import model_from

from doxa.analysis import Settings
from doxa.analysis.consistency import FAMILIES
from doxa.errors import NoDataError
from doxa.measures import cronbach_alpha, measure_table

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

COUNTRIES = ("BGD", "COL", "JPN", "USA")


def test_alpha_over_countries_turns_items_as_people_s_are(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    echo = pl.concat([model_from(human, c, steering="persona", target=c) for c in COUNTRIES])
    names = ["cronbach_alpha", "cronbach_alpha_people"]
    table = measure_table(echo, human, bank, measures=names, settings=Settings(n_resamples=50))
    assert set(table["at"]) == set(FAMILIES)
    ours, theirs = (table.filter(measure=name)["estimate"].to_list() for name in names)
    assert ours == pytest.approx(theirs)
    shares = {
        (c, q): np.array(p)
        for c, q, p in human.filter(wave=7).select("country", "question", "probabilities").rows()
    }
    items = [q for q in FAMILIES["trust"] if bank.items[q].scale.kind == "ordinal"]
    scores = np.array([
        [shares[c, q] @ np.arange(len(shares[c, q])) / (len(shares[c, q]) - 1) for q in items]
        for c in COUNTRIES
    ])  # fmt: skip
    signs = np.ones(len(items))
    candidates = []
    for flips in range(2 ** (len(items) - 1)):
        signs = np.array([-1.0 if flips >> place & 1 else 1.0 for place in range(len(items))])
        candidates.append(cronbach_alpha(scores * signs))
    row = table.filter(measure="cronbach_alpha_people", at="trust").row(0, named=True)
    assert min(abs(row["estimate"] - one) for one in candidates) < 1e-9
    assert row["resampled"] == "countries"
    assert row["n_cells"] == 4
    assert row["n_items"] == len(items)


def test_two_countries_have_no_alpha(human: pl.DataFrame, bank: QuestionBank) -> None:
    two = pl.concat([model_from(human, c, steering="p", target=c) for c in ("JPN", "USA")])
    with pytest.raises(NoDataError, match="the data allow no cronbach_alpha"):
        measure_table(two, human, bank, measures="cronbach_alpha")
