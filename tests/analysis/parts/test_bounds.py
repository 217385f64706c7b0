from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from doxa.analysis.parts.bounds import alignment_bounds
from doxa.questionnaire.scale import Scale
from doxa.score import score_batch


def alignment(p: np.ndarray, human: np.ndarray, scale: Scale) -> float:
    positions = None if scale.kind == "nominal" else scale.positions
    batch = score_batch(p[None], human[None], scale=scale.kind, positions=positions)
    return float(batch.scores["alignment"].item())


def best_by_linear_programme(
    answered: np.ndarray, human: np.ndarray, missing: float, scale: Scale
) -> float:
    """Move the answered and the free mass to the human distribution at the least cost."""
    n = len(human)
    x = np.array(scale.positions)
    ground = (
        1.0 - np.eye(n) if scale.kind == "nominal" else np.abs(np.subtract.outer(x, x)) / np.ptp(x)
    )
    # variables: the transport plan (n × n), then the free distribution q
    cost = np.concatenate([ground.ravel(), np.zeros(n)])
    supply = np.hstack([np.kron(np.eye(n), np.ones(n)), -missing * np.eye(n)])
    demand = np.hstack([np.kron(np.ones(n), np.eye(n)), np.zeros((n, n))])
    found = linprog(
        cost,
        A_eq=np.vstack([supply, demand]),
        b_eq=np.concatenate([(1 - missing) * answered, human]),
        bounds=(0, None),
    )
    return 1 - float(found.fun)


@st.composite
def items(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float, Scale]:
    n = draw(st.integers(2, 7))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    kind = draw(st.sampled_from(["ordinal", "nominal"]))
    positions = tuple(np.cumsum(rng.integers(1, 4, n)).astype(float)) if kind == "ordinal" else ()
    p, q = rng.dirichlet(np.full(n, draw(st.sampled_from([0.2, 1.0]))), 2)
    return p, q, draw(st.floats(0.01, 0.99)), Scale(kind, tuple(range(n)), positions)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(items())
def test_the_bounds_are_those_of_a_linear_programme_and_of_the_corners(
    case: tuple[np.ndarray, np.ndarray, float, Scale],
) -> None:
    answered, human, missing, scale = case
    lowest, highest = alignment_bounds(answered, human, missing, scale)
    # The solver holds its constraints to 1e-7.
    assert highest == pytest.approx(best_by_linear_programme(*case), abs=1e-6)
    corners = [
        alignment((1 - missing) * answered + missing * corner, human, scale)
        for corner in np.eye(len(human))
    ]
    assert lowest == pytest.approx(min(corners), abs=1e-12)
    assert lowest <= alignment(answered, human, scale) * (1 - missing) + missing


@settings(max_examples=25, deadline=None)
@given(items())
def test_the_ends_of_the_share_of_missing_replies(
    case: tuple[np.ndarray, np.ndarray, float, Scale],
) -> None:
    answered, human, _, scale = case
    known = alignment(answered, human, scale)
    assert alignment_bounds(answered, human, 0.0, scale) == pytest.approx((known, known))
    lowest, highest = alignment_bounds(None, human, 1.0, scale)
    assert highest == 1.0
    assert lowest == pytest.approx(min(alignment(c, human, scale) for c in np.eye(len(human))))
