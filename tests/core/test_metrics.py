"""Every metric of the core's table: its properties, and agreement with a slow twin."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import entr, rel_entr
from scipy.stats import wasserstein_distance

from doxa import _core

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A row of the core's table of metrics."""

    name: str
    lowest: float
    highest: float
    identity: float
    symmetric: bool
    antisymmetric: bool
    uses_distance: bool
    on_nominal: bool


TABLE = [Row(*row) for row in _core.metric_table()]
every_metric = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)


@st.composite
def distributions(draw: st.DrawFn, size: int) -> Vector:
    weights = draw(
        st.lists(
            st.one_of(st.just(0.0), st.floats(1e-12, 1.0), st.floats(0.1, 1.0)),
            min_size=size,
            max_size=size,
        ).filter(lambda weights: sum(weights) > 0)
    )
    return np.array(weights) / np.sum(weights)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Vector, Vector, Vector]:
    """A model, a human distribution, and positions from 0 to 1."""
    size = draw(st.integers(2, 12))
    steps = np.array(draw(st.lists(st.integers(1, 9), min_size=size - 1, max_size=size - 1)))
    positions = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()])
    return draw(distributions(size)), draw(distributions(size)), positions


def score(row: Row, p: Vector, q: Vector, positions: Vector, scale: str = "ordinal") -> float:
    nominal = scale == "nominal"
    values = _core.score(p[None], q[None], [row.name], nominal=nominal, positions=positions)
    return float(values[0, 0])


def twin(name: str, p: Vector, q: Vector, x: Vector, scale: str) -> float:
    """The metric straight from its definition, in NumPy and SciPy."""
    nominal = scale == "nominal"
    total_variation = 0.5 * float(np.abs(p - q).sum())
    gaps, widths = np.cumsum(p - q)[:-1], np.diff(x)
    w1 = total_variation if nominal else float(wasserstein_distance(x, x, p, q))
    span = 1.0 if nominal else float(x[-1] - x[0])
    middle = 0.5 * (p + q)
    shannon = 0.5 * float(rel_entr(p, middle).sum() + rel_entr(q, middle).sum()) / np.log(2)
    squares = (
        0.5 * float(((p - q) ** 2).sum()) if nominal else float((gaps**2 * widths).sum()) / span
    )
    return {
        "alignment": 1 - w1 / span,
        "wasserstein": w1,
        "total_variation": total_variation,
        "js_divergence": shannon,
        "js_distance": float(np.sqrt(max(shannon, 0.0))),
        "kl_divergence": float(rel_entr(p, q).sum()) / np.log(2),
        "hellinger": float(np.sqrt(0.5 * ((np.sqrt(p) - np.sqrt(q)) ** 2).sum())),
        "ranked_probability_score": squares,
        "mean_difference": np.nan if nominal else float(((p - q) * x).sum()),
        "entropy_difference": float(entr(p).sum() - entr(q).sum()) / np.log(2),
        "mode_match": float(bool(((p == p.max()) & (q == q.max())).any())),
    }[name]


@every_metric
@given(pair=pairs(), scale=st.sampled_from(["ordinal", "nominal"]))
def test_agrees_with_its_twin(row: Row, pair: tuple[Vector, Vector, Vector], scale: str) -> None:
    # SciPy's own Jensen-Shannon loses digits where p and q are close, so its root does too.
    tolerance = 1e-7 if row.name == "js_distance" else 1e-12
    expected = twin(row.name, *pair, scale)
    assert score(row, *pair, scale) == pytest.approx(
        expected, abs=tolerance, rel=1e-12, nan_ok=True
    )


@every_metric
@given(pair=pairs())
def test_stays_in_its_range(row: Row, pair: tuple[Vector, Vector, Vector]) -> None:
    value = score(row, *pair)
    assert row.lowest - 1e-12 <= value <= row.highest + 1e-12


@every_metric
@given(pair=pairs())
def test_equal_distributions(row: Row, pair: tuple[Vector, Vector, Vector]) -> None:
    p, _, positions = pair
    assert score(row, p, p, positions) == row.identity


@every_metric
@given(pair=pairs())
def test_swapped_sides(row: Row, pair: tuple[Vector, Vector, Vector]) -> None:
    p, q, positions = pair
    forth, back = score(row, p, q, positions), score(row, q, p, positions)
    if row.symmetric:
        assert forth == pytest.approx(back, abs=1e-14)
    elif row.antisymmetric:
        assert forth == pytest.approx(-back, abs=1e-14)


@every_metric
@given(pair=pairs(), data=st.data())
def test_relabelled_nominal_options(
    row: Row, pair: tuple[Vector, Vector, Vector], data: st.DataObject
) -> None:
    p, q, positions = pair
    order = data.draw(st.permutations(range(p.size)))
    before = score(row, p, q, positions, "nominal")
    after = score(row, p[order], q[order], positions, "nominal")
    assert after == pytest.approx(before, abs=1e-12, rel=1e-12, nan_ok=True)
    assert np.isnan(before) != row.on_nominal


@given(size=st.integers(3, 10), data=st.data())
def test_a_larger_shift_along_the_scale_is_a_larger_distance(
    size: int, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, size - 3))
    near, far = sorted(data.draw(st.sets(st.integers(start + 1, size - 1), min_size=2, max_size=2)))
    options = np.eye(size)
    human = options[start]
    for row in TABLE:
        closer = score(row, options[near], human, np.linspace(0, 1, size))
        farther = score(row, options[far], human, np.linspace(0, 1, size))
        if not row.uses_distance:
            assert closer == pytest.approx(farther, nan_ok=True)
        elif row.name == "alignment":
            assert closer > farther
        else:
            assert closer < farther


@given(pair=pairs(), share=st.floats(0, 1))
def test_distances_scale_with_a_mixture(pair: tuple[Vector, Vector, Vector], share: float) -> None:
    """W₁, TV and the mean difference of q to a mixture of p and q shrink with the mixture."""
    p, q, positions = pair
    mixed = share * p + (1 - share) * q
    for row in TABLE:
        if row.name in ("wasserstein", "total_variation", "mean_difference"):
            whole = score(row, p, q, positions)
            assert score(row, mixed, q, positions) == pytest.approx(share * whole, abs=1e-12)


def test_close_distributions_keep_their_divergence() -> None:
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(5), 2000)
    q = p * (1 + 1e-8 * rng.standard_normal(p.shape))
    q /= q.sum(axis=1, keepdims=True)
    values = _core.score(p, q, ["js_divergence"])[0]
    leading = ((p - q) ** 2 / (8 * p)).sum(axis=1) / np.log(2)
    assert values == pytest.approx(leading, rel=1e-6)


@pytest.mark.parametrize("distance", [1.0, 0.4, 0.2, 0.1, 1e-3, 1e-8])
def test_divergences_keep_their_digits(distance: float) -> None:
    """Jensen–Shannon within 1.2e-14 of sixty digits, and never below 0, however close the pair."""
    rng = np.random.default_rng(2)
    with localcontext() as context:
        context.prec = 60
        for _ in range(100):
            p, other = rng.dirichlet(np.full(rng.integers(2, 11), 0.7), 2)
            q = p + distance * (other - p)
            q /= q.sum()
            value = Decimal(float(_core.score(p[None], q[None], ["js_divergence"])[0, 0]))
            exact = Decimal(0)
            for a, b in zip(map(Decimal, p.tolist()), map(Decimal, q.tolist()), strict=True):
                middle = (a + b) / 2
                exact += sum(x * (x / middle).ln() for x in (a, b) if x) / (2 * Decimal(2).ln())
            assert value >= 0
            assert abs(value / exact - 1) < Decimal("1.2e-14")
