from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from popfidelity import reliability
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_kappa

from doxa.errors import InvalidArgumentError
from doxa.measures import (
    cronbach_alpha,
    fleiss_kappa,
    intraclass_correlation,
    krippendorff_alpha,
    noise_to_signal,
    spearman_brown,
)
from doxa.measures.ratings import ICC_KINDS, weighted_alpha, weighted_cronbach, weighted_icc

# Shrout & Fleiss (1979), table 2: six targets, four judges.
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
                   [6, 2, 4, 7]], float)  # fmt: skip
GAP = np.nan
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section D: observers as rows.
OBSERVERS = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
    [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
]).T  # fmt: skip
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def tables(times: int = 60) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [
        rng.integers(1, 6, (rng.integers(3, 12), rng.integers(2, 6))).astype(float)
        for _ in range(times)
    ]


def test_the_worked_numbers_of_shrout_and_fleiss() -> None:
    for average, expected in ((False, (0.17, 0.71, 0.29)), (True, (0.44, 0.91, 0.62))):
        found = [intraclass_correlation(JUDGES, kind, average=average) for kind in ICC_KINDS]
        assert [round(value, 2) for value in found] == list(expected)


def test_the_worked_numbers_of_krippendorff() -> None:
    found = [round(krippendorff_alpha(OBSERVERS, level), 3) for level in LEVELS]
    assert found == [0.743, 0.815, 0.849, 0.797]


def test_they_agree_with_popfidelity() -> None:
    rng = np.random.default_rng(4)
    for table in tables():
        for kind in ICC_KINDS:
            for average in (False, True):
                ours = intraclass_correlation(table, kind, average=average)
                theirs = reliability.icc(table, kind, average=average)
                if abs(theirs) > 1e9:  # a division by what rounding left of 0
                    theirs = np.nan
                assert ours == pytest.approx(theirs, abs=1e-9, nan_ok=True)
        gaps = np.where(rng.random(table.shape) < 0.2, np.nan, table)
        for level in LEVELS:
            theirs = reliability.krippendorff_alpha(gaps, level)
            assert krippendorff_alpha(gaps, level) == pytest.approx(theirs, abs=1e-9, nan_ok=True)
        theirs = reliability.cronbach_alpha(table)
        assert cronbach_alpha(table) == pytest.approx(theirs, abs=1e-9, nan_ok=True)
        counts = rng.multinomial(5, [0.3, 0.3, 0.4], size=7).astype(float)
        theirs = reliability.fleiss_kappa(counts)
        assert fleiss_kappa(counts) == pytest.approx(theirs, abs=1e-9)
        assert fleiss_kappa(counts) == pytest.approx(statsmodels_kappa(counts), abs=1e-9)
        r, k = rng.uniform(0, 1), rng.uniform(0.5, 4)
        assert spearman_brown(r, k) == pytest.approx(reliability.spearman_brown(r, k), abs=1e-12)
        sds = rng.uniform(0, 1, 3)
        assert noise_to_signal(*sds) == pytest.approx(reliability.noise_to_signal(*sds), abs=1e-12)


def test_nothing_that_varies_has_no_agreement() -> None:
    alike = np.ones((3, 3))
    assert np.isnan([intraclass_correlation(alike, kind) for kind in ICC_KINDS]).all()
    assert np.isnan(krippendorff_alpha(alike))
    assert np.isnan(cronbach_alpha(alike))
    assert np.isnan(fleiss_kappa([[3, 0], [3, 0]]))
    assert np.isnan(noise_to_signal(0.1, 0.1, 0.0))
    assert np.isnan(krippendorff_alpha([[1, GAP], [GAP, 2]]))


def test_the_mean_of_all_ratings_follows_spearman_and_brown() -> None:
    for kind in ("oneway", "consistency"):
        one = intraclass_correlation(JUDGES, kind)
        mean = intraclass_correlation(JUDGES, kind, average=True)
        assert spearman_brown(one, JUDGES.shape[1]) == pytest.approx(mean)


@given(st.integers(0, 10_000))
def test_they_do_not_depend_on_order_or_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(6, 3))
    turned = 3 + 2 * table[rng.permutation(6)][:, rng.permutation(3)]
    for kind in ICC_KINDS:
        found = intraclass_correlation(table, kind)
        assert intraclass_correlation(turned, kind) == pytest.approx(found, abs=1e-9)
        assert found <= 1 + 1e-12
    assert krippendorff_alpha(turned, "interval") == pytest.approx(
        krippendorff_alpha(table, "interval"), abs=1e-9
    )
    assert cronbach_alpha(turned) == pytest.approx(cronbach_alpha(table), abs=1e-9)


def test_a_weight_counts_a_row_as_often() -> None:
    rng = np.random.default_rng(7)
    for table in tables(10):
        times = rng.integers(1, 4, len(table))
        often, weights = np.repeat(table, times, axis=0), times[None, :].astype(float)
        for kind in ICC_KINDS:
            (found,) = weighted_icc(table, weights, kind, average=False)
            assert found == pytest.approx(intraclass_correlation(often, kind), abs=1e-9)
        (found,) = weighted_alpha(table, weights)
        assert found == pytest.approx(krippendorff_alpha(often, "interval"), abs=1e-9)
        (found,) = weighted_cronbach(table, weights)
        assert found == pytest.approx(cronbach_alpha(often), abs=1e-9)


def test_what_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="two rows and columns"):
        intraclass_correlation([[1.0, 2.0]])
    with pytest.raises(InvalidArgumentError, match="missing or infinite"):
        cronbach_alpha([[1.0, GAP], [1.0, 2.0]])
    with pytest.raises(InvalidArgumentError, match="kind='both'"):
        intraclass_correlation(JUDGES, "both")
    with pytest.raises(InvalidArgumentError, match="level='count'"):
        krippendorff_alpha(JUDGES, "count")
    with pytest.raises(InvalidArgumentError, match="the same number of raters"):
        fleiss_kappa([[1, 2], [2, 2]])
    with pytest.raises(InvalidArgumentError, match="at most 1"):
        spearman_brown(1.2)
    with pytest.raises(InvalidArgumentError, match="below 0"):
        noise_to_signal(-1, 0, 1)
