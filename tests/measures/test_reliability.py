from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from analysis.made_models import replies_from
from statsmodels.stats.inter_rater import fleiss_kappa

from doxa.analysis import Settings
from doxa.distribution import model_distributions
from doxa.errors import NoDataError
from doxa.measures import intraclass_correlation, krippendorff_alpha, measure_table, spearman_brown
from doxa.prompt.order import ordered_codes

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

FEW = Settings(n_resamples=50)


@pytest.fixture(scope="module")
def replies(human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    """One country's answers with noise: two orders, two draws, three targets."""
    return pl.concat([
        replies_from(human, bank, target, noise=0.5, draw=draw, option_order=order,
                     steering="persona", target=target)
        for target in ("JPN", "USA", "COL") for order in ("listed", "reversed") for draw in (0, 1)
    ])  # fmt: skip


@pytest.fixture(scope="module")
def table(replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank) -> pl.DataFrame:
    model = model_distributions(replies, bank)
    names = ["reliability", "a_bias"]
    return measure_table(model, human, bank, replies=replies, measures=names, settings=FEW)


def runs(replies: pl.DataFrame, bank: QuestionBank, target: str) -> dict[str, list[np.ndarray]]:
    shares: dict[str, list[np.ndarray]] = {}
    part = replies.filter(target=target).sort("option_order", "draw")
    for question, given in part.select("question", "probabilities").iter_rows():
        k = len(bank.items[question].scale.codes)
        kept = np.array(given[:k])
        shares.setdefault(question, []).append(kept / kept.sum())
    return shares


def test_agreement_of_runs_agrees_with_its_functions(
    table: pl.DataFrame, replies: pl.DataFrame, bank: QuestionBank
) -> None:
    found = dict(table.filter(target="JPN").select("measure", "estimate").iter_rows())
    answers = runs(replies, bank, "JPN")
    values = []
    for question, rows in answers.items():
        scale = bank.items[question].scale
        if scale.kind == "ordinal":
            x = np.array(scale.positions)
            values.append([row @ (x - x[0]) / (x[-1] - x[0]) for row in rows])
    ratings = np.array(values)
    for kind in ("oneway", "consistency", "agreement"):
        expected = intraclass_correlation(ratings, kind)
        assert found[f"icc_{kind}"] == pytest.approx(expected)
    one = intraclass_correlation(ratings, "oneway")
    assert found["spearman_brown"] == pytest.approx(spearman_brown(one, 4))
    assert found["krippendorff_alpha"] == pytest.approx(krippendorff_alpha(ratings, "interval"))
    sizes = {question: len(rows[0]) for question, rows in answers.items()}
    observed = expected_ = 0.0
    for k in set(sizes.values()):
        modes = [[int(np.argmax(r)) for r in answers[q]] for q in answers if sizes[q] == k]
        counts = np.array([np.bincount(row, minlength=k) for row in modes])
        pairs = ((counts**2).sum(axis=1) - 4) / 12
        chance = ((counts.sum(axis=0) / counts.sum()) ** 2).sum()
        if chance < 1:
            assert fleiss_kappa(counts) == pytest.approx((pairs.mean() - chance) / (1 - chance))
        observed += pairs.sum() / len(answers)
        expected_ += chance * len(modes) / len(answers)
    assert found["fleiss_kappa"] == pytest.approx((observed - expected_) / (1 - expected_))


def test_a_bias_agrees_with_a_slow_twin(
    table: pl.DataFrame, replies: pl.DataFrame, bank: QuestionBank
) -> None:
    biases = []
    for question, item in bank.items.items():
        part = replies.filter(target="JPN", question=question)
        first = []
        for order in ("listed", "reversed"):
            shown = [code for code in ordered_codes(item, order) if code in item.scale.codes]
            rows = part.filter(option_order=order)["probabilities"].to_list()
            shares = np.mean([row[: len(shown)] for row in rows], axis=0)
            first.append(shares[item.scale.codes.index(shown[0])] / shares.sum())
        biases.append(abs(np.mean(first) - 1 / len(item.scale.codes)))
    row = table.filter(measure="a_bias", target="JPN").row(0, named=True)
    assert row["estimate"] == pytest.approx(np.mean(biases))
    assert "in fewer orders than options" in row["note"]


def test_noise_is_less_than_signal_where_answers_repeat(
    human: pl.DataFrame, bank: QuestionBank, table: pl.DataFrame
) -> None:
    noisy = table.filter(measure="noise_to_signal").row(0, named=True)
    assert noisy["n_cells"] == 3
    assert noisy["note"] == ""
    sure = pl.concat([
        replies_from(human, bank, target, option_order=order, steering="persona", target=target)
        for target in ("JPN", "USA") for order in ("listed", "reversed")
    ])  # fmt: skip
    model = model_distributions(sure, bank)
    names = ["noise_to_signal", "icc_agreement"]
    rows = measure_table(model, human, bank, replies=sure, measures=names, settings=FEW)
    quiet = rows.filter(measure="noise_to_signal").row(0, named=True)
    assert quiet["estimate"] == 0 < noisy["estimate"]
    assert quiet["note"] == "one draw a form: the noise of draws counts 0"
    assert set(rows.filter(measure="icc_agreement")["estimate"]) == {1.0}


def test_one_run_has_no_agreement(human: pl.DataFrame, bank: QuestionBank) -> None:
    once = replies_from(human, bank, "JPN")
    model = model_distributions(once, bank)
    for name, said in (("icc_oneway", "asked once"), ("a_bias", "in one order")):
        with pytest.raises(NoDataError, match=said):
            measure_table(model, human, bank, replies=once, measures=name, settings=FEW)


def test_forms_that_differ_between_items_allow_the_one_way_kind_alone(
    replies: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank
) -> None:
    half = replies.filter(target="JPN", draw=0).with_columns(
        option_order=pl.when(pl.col("question").hash() % 2 == 0)
        .then(pl.col("option_order").replace({"reversed": "rotated:1"}))
        .otherwise("option_order")
    )
    rows = measure_table(model_distributions(half, bank), human, bank, replies=half,
                         measures="reliability", settings=FEW)  # fmt: skip
    assert "icc_oneway" in rows["measure"].to_list()
    assert not {"icc_consistency", "icc_agreement"} & set(rows["measure"])
