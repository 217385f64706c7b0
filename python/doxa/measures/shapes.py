"""Distributions as arrays on a scale: points whose distances are those of the distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from doxa.errors import InvalidArgumentError, InvalidDistributionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from doxa.questionnaire.scale import Scale, ScaleKind

__all__ = ["as_shares", "placed", "points", "unit_positions"]

_TOLERANCE = 1e-6


def as_shares(rows: ArrayLike, like: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Check distributions over the same options, and give them as an (n, K) array.

    Parameters
    ----------
    rows : (n, K) or (K,) array of float
        Shares, each row adding up to 1 within 1e-6.
    like : (n, K) array, optional
        Distributions beside which these stand; the shapes must agree.

    Raises
    ------
    InvalidDistributionError
        A row is no distribution; the message names the first such row.
    InvalidArgumentError
        The shape is another.

    Examples
    --------
    >>> as_shares([0.25, 0.75])
    array([[0.25, 0.75]])
    """
    shares = np.atleast_2d(np.asarray(rows, np.float64))
    if shares.ndim != 2 or shares.shape[1] < 2:
        raise InvalidArgumentError(
            f"distributions of shape {shares.shape}: give one row each, of two options or more"
        )
    if like is not None and shares.shape != like.shape:
        raise InvalidArgumentError(
            f"distributions of shape {shares.shape} beside those of shape {like.shape}: give both "
            "sides the same rows and options"
        )
    fit = (shares >= 0).all(axis=1) & (np.abs(shares.sum(axis=1) - 1) <= _TOLERANCE)
    if not fit.all():
        row = int(np.argmin(fit))
        raise InvalidDistributionError(
            f"row {row} is {shares[row].tolist()}: give shares from 0 on that add up to 1", row
        )
    return shares


def unit_positions(n_options: int, positions: Sequence[float] | None) -> NDArray[np.float64]:
    """Place options on a scale from 0 to 1; evenly by default.

    Raises
    ------
    InvalidArgumentError
        The positions do not increase, or there are not as many as options.

    Examples
    --------
    >>> unit_positions(3, None).tolist(), unit_positions(3, [1, 2, 5]).tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    x = np.arange(n_options, dtype=float) if positions is None else np.asarray(positions, float)
    if x.shape != (n_options,) or not (np.diff(x) > 0).all():
        raise InvalidArgumentError(
            f"positions {x.tolist()} of {n_options} options: give one each, increasing"
        )
    return np.asarray((x - x[0]) / (x[-1] - x[0]))


def placed(
    shares: NDArray[np.float64], scale: ScaleKind, positions: Sequence[float] | None = None
) -> NDArray[np.float64]:
    """Turn distributions into points whose city-block distance is 1 minus their alignment.

    Parameters
    ----------
    shares : (…, K) array
        Distributions.
    scale : {"ordinal", "nominal"}
        Whether the options have an order.
    positions : sequence of K floats, optional
        Of ordinal options; 1, 2, …, K by default.

    Returns
    -------
    numpy.ndarray
        Shape (…, K - 1) for ordinal options, the cumulative shares times the steps between
        options as parts of the scale; shape (…, K) for nominal ones, half the shares.

    Raises
    ------
    InvalidArgumentError
        The scale is unknown, or the positions do not fit.

    Examples
    --------
    >>> placed(np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]), "ordinal").tolist()
    [[0.5, 0.5], [0.0, 0.25]]
    """
    if scale not in ("ordinal", "nominal"):
        raise InvalidArgumentError(f"scale={scale!r}: say 'ordinal' or 'nominal'")
    if scale == "nominal":
        return shares / 2
    steps = np.diff(unit_positions(shares.shape[-1], positions))
    below: NDArray[np.float64] = shares.cumsum(axis=-1)[..., :-1] * steps
    return below


def points(shares: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Turn the distributions of an item of the questionnaire into points: see `placed`."""
    return placed(shares, scale.kind, scale.positions or None)
