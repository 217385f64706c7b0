"""What the bootstrap draws again, and what is made of its replicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
import polars as pl

from doxa.analysis.correction import t_p_values
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score import ResampleSource, mean_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Resampling", "check_bootstrap", "percentile_interval"]


def check_bootstrap(n_resamples: int, confidence: float) -> None:
    """Refuse numbers of replicates and confidences that make no sense.

    Raises
    ------
    InvalidArgumentError
        One of them is out of range.
    """
    if n_resamples < 1:
        raise InvalidArgumentError(f"n_resamples={n_resamples}: it must be 1 or more")
    if not 0 < confidence < 1:
        raise InvalidArgumentError(f"confidence={confidence}: it must lie between 0 and 1")


def percentile_interval(replicates: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Give the percentile interval of bootstrap replicates.

    Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), 0.5)
    (25.0, 75.0)
    """
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Resampling:
    """A bootstrap: what it draws again, how often, and what intervals it makes.

    Parameters
    ----------
    sources : tuple of {"items", "respondents", "replies"}
        What is drawn again.
    n_resamples : int
        Replicates.
    confidence : float
        Of the intervals, in (0, 1).
    seed : int
        Fixes all draws.
    """

    sources: tuple[ResampleSource, ...]
    n_resamples: int
    confidence: float
    seed: int

    @classmethod
    def of(
        cls,
        resample: ResampleSource | Sequence[ResampleSource],
        n_resamples: int,
        confidence: float,
        seed: int,
    ) -> Resampling:
        """Check the arguments that the tables take.

        Raises
        ------
        InvalidArgumentError
            One of them is out of range.
        """
        check_bootstrap(n_resamples, confidence)
        given = (resample,) if isinstance(resample, str) else tuple(resample)
        known: tuple[ResampleSource, ...] = get_args(ResampleSource)
        unknown = [source for source in given if source not in known]
        if unknown or not given:
            found = repr(unknown[0]) if unknown else "nothing"
            raise InvalidArgumentError(f"resample={found}: name some of {', '.join(known)}")
        sources = tuple(source for source in known if source in given)
        return cls(sources, n_resamples, confidence, seed)

    @property
    def items_alone(self) -> bool:
        """Whether nothing but items is drawn."""
        return self.sources == ("items",)

    @property
    def label(self) -> str:
        """What is drawn, for the column `resampled`."""
        return ", ".join(self.sources)

    def check_sizes(self, pairs: pl.DataFrame) -> None:
        """Refuse to draw respondents or replies whose number is not known.

        Raises
        ------
        NoDataError
            The first row that has no number.
        InvalidArgumentError
            Replies that are whole distributions, not draws.
        """
        if "respondents" in self.sources:
            unknown = pairs.filter(pl.col("n_effective").is_null())
            if not unknown.is_empty():
                row = unknown.row(0, named=True)
                raise NoDataError(
                    f"{row['country']}, wave {row['wave']}, {row['question']}: the number of "
                    "respondents is unknown; give n_effective or resample items alone"
                )
        if "replies" in self.sources:
            whole = pairs.filter(pl.col("elicitation") != "sampling")
            if not whole.is_empty():
                raise InvalidArgumentError(
                    f"elicitation {whole['elicitation'][0]!r} gives whole distributions: replies "
                    "can be resampled where they were sampled; keep 'sampling' alone or leave "
                    "'replies' out"
                )

    def truthward(
        self, estimates: NDArray[np.float64], replicates: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Turn replicates into what the truth may be.

        Items alone leave a mean unbiased, and the replicates stand as they are. Respondents and
        replies bias a distance: replicates lie off the estimate as it lies off the truth, and
        are mirrored at the estimate, as the "basic" interval does.

        Parameters
        ----------
        estimates : (n,) array
        replicates : (n, n_resamples) array

        Returns
        -------
        numpy.ndarray
            Shape (n, n_resamples).
        """
        return replicates if self.items_alone else 2 * estimates[:, None] - replicates

    def ends(
        self, estimates: NDArray[np.float64], replicates: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the interval's ends of what is no mean over items: quantiles, NaN left out."""
        tail = 0.5 - 0.5 * self.confidence
        drawn = np.atleast_2d(self.truthward(estimates, replicates))
        held = ~np.isnan(drawn).all(axis=1)
        found = np.full((2, len(drawn)), np.nan)
        if held.any():
            found[:, held] = np.nanquantile(drawn[held], [tail, 1 - tail], axis=1)
        return found[0], found[1]

    def means(
        self, values: NDArray[np.float64], replicates: NDArray[np.float64]
    ) -> dict[str, NDArray[np.float64]]:
        """Summarise means over the same items.

        Parameters
        ----------
        values : (n, n_items) array
            What is averaged, no NaN.
        replicates : (n, n_resamples) array
            Of the means.

        Returns
        -------
        dict of str to (n,) ndarray
            `estimate`, `low`, `high`, `std_error` and `p_value` (two-sided, against 0), NaN
            where there is none. Where items are drawn: the studentised interval, shifted by the
            bias of whatever else is drawn; otherwise the basic one. As `score_batch` has it.
        """
        n, n_items = values.shape
        estimate = values.mean(axis=1)
        if n_items == 1 and "items" in self.sources:
            none = np.full(n, np.nan)
            return {"estimate": estimate} | dict.fromkeys(
                ("low", "high", "std_error", "p_value"), none
            )
        bias = 0.0 if self.items_alone else replicates.mean(axis=1) - estimate
        if "items" in self.sources:
            batch = mean_batch(
                pl.DataFrame({"value": values.ravel()}),
                groups=np.repeat(np.arange(n), n_items),
                items=np.tile(np.arange(n_items), n),
                n_resamples=self.n_resamples,
                confidence=self.confidence,
                seed=self.seed,
            ).groups
            low, high, error = (batch[name].to_numpy() for name in ("low", "high", "std_error"))
            low, high = low - bias, high - bias
        else:
            low, high = self.ends(estimate, replicates)
            error = replicates.std(axis=1, ddof=1)
        sizes = np.full(n, n_items) if "items" in self.sources else None
        return {
            "estimate": estimate,
            "low": low,
            "high": high,
            "std_error": error,
            "p_value": t_p_values(estimate - bias, error, sizes),
        }
