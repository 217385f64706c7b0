"""How spread out the answers to an item are: variance, entropy, agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.questionnaire import QuestionBank
    from doxa.questionnaire.scale import Scale

__all__ = ["item_spread"]


def item_spread(
    frame: pl.DataFrame, bank: QuestionBank, *, column: str = "probabilities"
) -> pl.DataFrame:
    """Measure the spread of each row's distribution.

    Parameters
    ----------
    frame : polars.DataFrame
        A `question` column, and one with shares in the order of the item's scale.
    bank : QuestionBank
        Gives each item its scale.
    column : str
        The column with the shares.

    Returns
    -------
    polars.DataFrame
        One row per row of `frame`, Float64:

        variance
            On a scale from 0 to 1, so in [0, 0.25]; null for nominal items.
        entropy
            Shannon's, over its largest value log K; in [0, 1].
        agreement
            1 - D, with Leik's ordinal dispersion D = 2 Σ min(F, 1 - F) Δx / (x_K - x₁): twice
            the mean distance from the median as a share of the scale. 1 where all answer
            alike, 0 where one half is at either end; null for nominal items.

    Notes
    -----
    Leik, R. K. (1966). A measure of ordinal consensus. *Pacific Sociological Review* 9(2),
    85–90; here with the positions of the options. Unlike van der Eijk's A it is defined for
    two options.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> frame = pl.DataFrame({"question": ["Q1"], "probabilities": [[0.5, 0.0, 0.0, 0.5]]})
    >>> item_spread(frame, QuestionBank.load()).rows()
    [(0.25, 0.5, 0.0)]
    """
    found = np.full((3, frame.height), np.nan)
    places = frame.select("question", column).with_row_index("row")
    for question, rows, shares in (
        places.group_by("question", maintain_order=True).agg("row", column).iter_rows()
    ):
        found[:, rows] = _spread(np.array(shares), bank.items[question].scale)
    return pl.DataFrame(found.T, schema=["variance", "entropy", "agreement"]).fill_nan(None)


def _spread(shares: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy = -(shares * logs).sum(axis=1) / np.log(shares.shape[1])
    if scale.kind == "nominal":
        nothing = np.full(len(shares), np.nan)
        return np.stack([nothing, entropy, nothing])
    x = np.array(scale.positions)
    x = (x - x[0]) / (x[-1] - x[0])
    variance = ((x - (shares @ x)[:, None]) ** 2 * shares).sum(axis=1)
    below = shares.cumsum(axis=1)[:, :-1]
    dispersion = 2 * (np.minimum(below, 1 - below) * np.diff(x)).sum(axis=1)
    return np.stack([variance, entropy, 1 - dispersion])
