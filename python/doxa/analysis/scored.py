"""Contrasts between means of alignment over items, with one set of draws for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.analysis.item_scores import item_alignment, score_items
from doxa.score import item_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from doxa.analysis.baseline import Baseline
    from doxa.analysis.resampling import Resampling
    from doxa.distribution import HasItems

__all__ = ["Scored"]


class Scored:
    """Alignments of groups, item by item, and contrasts between their means.

    A contrast is a weighted sum of groups' means, such as steered minus unsteered, over the
    items that all its groups have. All contrasts over the same items share their draws.

    Parameters
    ----------
    pairs : polars.DataFrame
        Key columns, `question`, the two columns of shares, and the numbers behind them that
        the bootstrap needs. One row per group and item.
    bank : QuestionBank or other HasItems
        Gives each item its scale.
    keys : list of str
        The columns that name a group.
    resampling : Resampling
        The bootstrap.
    first, second : str
        The columns of shares.

    Attributes
    ----------
    groups : polars.DataFrame
        Keys of the groups in the order of first appearance.
    items : list of str
        Items in sorted order.
    values : numpy.ndarray
        Shape (groups, items): alignments, NaN where a group lacks the item.

    Raises
    ------
    NoDataError
        Respondents are to be drawn whose number is unknown.
    InvalidArgumentError
        Replies are to be drawn that were not sampled.
    """

    def __init__(
        self,
        pairs: pl.DataFrame,
        bank: HasItems,
        keys: list[str],
        resampling: Resampling,
        *,
        first: str = "probabilities",
        second: str = "probabilities_human",
    ) -> None:
        resampling.check_sizes(pairs)
        self.groups = pairs.select(keys).unique(maintain_order=True)
        self.items = sorted(pairs["question"].unique())
        self.resampling = resampling
        number = self.groups.with_row_index("group")
        self._pairs = pairs.join(number, on=keys, nulls_equal=True, maintain_order="left")
        self._bank, self._first, self._second = bank, first, second
        places = {name: place for place, name in enumerate(self.items)}
        self.values = np.full((self.groups.height, len(self.items)), np.nan)
        self.values[
            self._pairs["group"].to_numpy(), [places[name] for name in self._pairs["question"]]
        ] = item_alignment(pairs, bank, first=first, second=second).to_numpy()

    def summarise(
        self,
        contrasts: Sequence[Mapping[int, float]],
        *,
        minus: tuple[Baseline, Sequence[int]] | None = None,
    ) -> tuple[pl.DataFrame, NDArray[np.float64]]:
        """Estimate contrasts of groups' means.

        Parameters
        ----------
        contrasts : sequence of mapping of int to float
            For each, the weight of every group in it.
        minus : (Baseline, sequence of int), optional
            A baseline to take away, and the population of each contrast in it. Its respondents
            are drawn together with the populations' own.

        Returns
        -------
        table : polars.DataFrame
            One row per contrast: `n_items`, `estimate`, `low`, `high`, `std_error`, `p_value`.
            Without an item in common `n_items` is 0 and all else null.
        replicates : numpy.ndarray
            Shape (contrasts, n_resamples); NaN without an item.
        """
        names = ("estimate", "low", "high", "std_error", "p_value")
        found = {name: np.full(len(contrasts), np.nan) for name in names}
        replicates = np.full((len(contrasts), self.resampling.n_resamples), np.nan)
        values = np.full((len(contrasts), len(self.items)), np.nan)
        for number, contrast in enumerate(contrasts):
            values[number] = np.array(list(contrast.values())) @ self.values[list(contrast)]
        if minus is not None:
            values -= minus[0].values(self.items)[list(minus[1])]
        masks, which = np.unique(~np.isnan(values), axis=0, return_inverse=True)
        for number, mask in enumerate(masks):
            if not mask.any():
                continue
            rows = np.flatnonzero(which.ravel() == number).tolist()
            shared = values[np.ix_(rows, mask)]
            if self.resampling.items_alone:
                drawn = shared @ self._item_weights(mask).T
            else:
                drawn = self._drawn(mask, [contrasts[row] for row in rows])
                if minus is not None:
                    drawn -= self._drawn_baseline(mask, minus[0], [minus[1][row] for row in rows])
            replicates[rows] = drawn
            for name, column in self.resampling.means(shared, drawn).items():
                found[name][rows] = column
        n_items = (~np.isnan(values)).sum(axis=1)
        table = pl.DataFrame({"n_items": n_items, **found}).fill_nan(None)
        return table, replicates

    def replicates_of(self, known: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average known numbers, such as ceilings, over the items in every replicate.

        Parameters
        ----------
        known : (n, items) array
            NaN where there is none.

        Returns
        -------
        numpy.ndarray
            Shape (n, n_resamples).
        """
        out = np.full((len(known), self.resampling.n_resamples), np.nan)
        masks, which = np.unique(~np.isnan(known), axis=0, return_inverse=True)
        for number, mask in enumerate(masks):
            rows = np.flatnonzero(which.ravel() == number)
            if mask.any():
                out[rows] = known[np.ix_(rows, mask)] @ self._item_weights(mask).T
        return out

    def _item_weights(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        n_items, resampling = int(mask.sum()), self.resampling
        if "items" not in resampling.sources:
            return np.full((resampling.n_resamples, n_items), 1.0 / n_items)
        return item_weights(n_items, n_resamples=resampling.n_resamples, seed=resampling.seed)

    def _drawn(
        self, mask: NDArray[np.bool_], contrasts: Sequence[Mapping[int, float]]
    ) -> NDArray[np.float64]:
        """Score anew, in every replicate, the groups that some contrasts need."""
        needed = sorted({group for contrast in contrasts for group in contrast})
        shared = [name for name, kept in zip(self.items, mask, strict=True) if kept]
        rows = self._pairs.filter(
            pl.col("group").is_in(needed) & pl.col("question").is_in(shared)
        ).sort("group", maintain_order=True)
        batch = score_items(
            rows,
            self._bank,
            groups=["group"],
            resample=self.resampling.sources,
            n_resamples=self.resampling.n_resamples,
            seed=self.resampling.seed,
            first=self._first,
            second=self._second,
        )
        drawn = dict(zip(needed, batch.replicates(), strict=True))
        return np.stack([
            sum(weight * drawn[group] for group, weight in contrast.items())
            for contrast in contrasts
        ])  # fmt: skip

    def _drawn_baseline(
        self, mask: NDArray[np.bool_], baseline: Baseline, populations: Sequence[int]
    ) -> NDArray[np.float64]:
        shared = [name for name, kept in zip(self.items, mask, strict=True) if kept]
        if "respondents" in self.resampling.sources:
            drawn = baseline.drawn(shared, self.resampling)
        else:
            values = baseline.values(shared)[:, :, None]
            drawn = np.broadcast_to(values, (*values.shape[:2], self.resampling.n_resamples))
        weights = self._item_weights(mask)
        needed = {p: np.einsum("ib,bi->b", drawn[p], weights) for p in set(populations)}
        return np.stack([needed[population] for population in populations])
