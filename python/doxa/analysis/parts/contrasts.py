"""Means of alignment over items and contrasts between them, with one set of draws for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.by_items import by_items, by_number, combined
from doxa.analysis.parts.forms import drawing, form_note
from doxa.analysis.parts.item_scores import check_sizes, item_alignment, score_items
from doxa.analysis.parts.whole import whole_respondents
from doxa.score import item_weights
from doxa.score.intervals import UNBOUNDED
from doxa.score.means import summarise_means

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from doxa.analysis.parts.baseline import Baseline
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems
    from doxa.score import ResampleSource, ScoreBatch

__all__ = ["GroupScores"]

_ROUNDING: Final = 1e-14


class GroupScores:
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
    settings : Settings
        What is drawn again, how often, with which seed and confidence.
    second : str
        The column of shares that `probabilities` is compared with.

    Attributes
    ----------
    groups : polars.DataFrame
        Keys of the groups in the order of first appearance.
    items : list of str
        Items in sorted order.
    values, corrected : numpy.ndarray
        Shape (groups, items): alignments, NaN where a group lacks the item; and the same less
        their bias, if items and forms are drawn.
    settings : Settings
        As given, but without forms where no item has two units of them.

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
        settings: Settings,
        *,
        second: str = "probabilities_human",
    ) -> None:
        settings = drawing(settings, pairs)
        check_sizes(pairs, settings)
        self.groups = pairs.select(keys).unique(maintain_order=True)
        self.items = sorted(pairs["question"].unique())
        self.settings = settings
        number = self.groups.with_row_index("_group")
        self._pairs = pairs.join(number, on=keys, nulls_equal=True, maintain_order="left")
        self._bank, self._second = bank, second
        self._weights: dict[int, NDArray[np.float64]] = {}
        alignment = item_alignment(pairs, bank, second=second)
        self.values = self.arrange(self._pairs["_group"], pairs["question"], alignment)
        self._whole = whole_respondents(settings, bank)
        known = () if self._whole is None else self._whole.groups_of(self._pairs, "_group")
        self.whole = np.isin(np.arange(self.groups.height), [*known])
        self._by_item = {"items", "forms"} <= {*settings.resample}
        self.corrected = self.values
        if self._by_item:
            batch = score_items(
                self._pairs, bank, ["_group"], settings, resample=settings.resample, second=second
            )
            expected = self.arrange(
                self._pairs["_group"], pairs["question"], pl.Series(batch.drawn_scores())
            )
            self.corrected = 2 * self.values - expected

    def arrange(
        self, groups: pl.Series, questions: pl.Series, numbers: pl.Series
    ) -> NDArray[np.float64]:
        """Arrange numbers of groups and items as `values` are; NaN where there is none."""
        places = {name: place for place, name in enumerate(self.items)}
        found = np.full((self.groups.height, len(self.items)), np.nan)
        columns = questions.replace_strict(places, return_dtype=pl.Int64)
        filled = numbers.cast(pl.Float64).fill_null(float("nan"))
        found[groups.to_numpy(), columns.to_numpy()] = filled.to_numpy()
        return found

    @property
    def form_notes(self) -> pl.Series:
        """Say of each group what its interval leaves out: see `doxa.analysis.parts.forms`."""
        return form_note(self._pairs, ["_group"]).sort("_group")["form_note"]

    def notes_of(self, contrasts: Sequence[Mapping[int, float]]) -> pl.Expr:
        """Say the same of contrasts, each by its first group."""
        return pl.lit(self.form_notes.gather([next(iter(one)) for one in contrasts]))

    def of_items(self, items: pl.DataFrame, name: str) -> NDArray[np.float64]:
        """Arrange a number of each population and item as `values` are; NaN where there is none.

        Parameters
        ----------
        items : polars.DataFrame
            `question`, keys of `groups`, and the number.
        name : str
            The column of the number.
        """
        on = [key for key in items.columns if key in self.groups.columns]
        numbered = items.filter(pl.col("question").is_in(self.items)).join(
            self.groups.with_row_index("_group"), on=on, nulls_equal=True
        )
        return self.arrange(numbered["_group"], numbered["question"], numbered[name])

    def means(
        self, *, minus: tuple[Baseline, Sequence[int]] | None = None, replicates: bool = True
    ) -> tuple[pl.DataFrame, NDArray[np.float64]]:
        """Estimate the mean of each group as `contrast` does, but without p-values."""
        every = [{group: 1.0} for group in range(self.groups.height)]
        return self.contrast(every, minus=minus, replicates=replicates, p_values=False)

    def contrast(
        self,
        contrasts: Sequence[Mapping[int, float]],
        *,
        minus: tuple[Baseline, Sequence[int]] | None = None,
        replicates: bool = True,
        p_values: bool = True,
    ) -> tuple[pl.DataFrame, NDArray[np.float64]]:
        """Estimate contrasts of groups' means.

        Parameters
        ----------
        contrasts : sequence of mapping of int to float
            For each, the weight of every group in it.
        minus : (Baseline, sequence of int), optional
            A baseline to take away, and the population of each contrast in it. Its respondents
            are drawn together with the populations' own.

        replicates, p_values : bool
            Whether they are needed; intervals may need replicates, too.

        Returns
        -------
        table : polars.DataFrame
            One row per contrast: `n_items`, `estimate`, `low`, `high`, `std_error`, `p_value`
            (two-sided, against 0; see `doxa.score.intervals`). Without an item in common `n_items`
            is 0 and all else null; with one item there is no interval where items are drawn.
        replicates : numpy.ndarray
            Shape (contrasts, n_resamples); NaN without an item.
        """
        drawn_means = np.full((len(contrasts), self.settings.n_resamples), np.nan)
        values, corrected = (combined(contrasts, of) for of in (self.values, self.corrected))
        if minus is not None:
            values -= minus[0].values(self.items)[list(minus[1])]
            corrected -= self.corrected_baseline(*minus)
        # scores that are alike differ by what rounding makes of them: by nothing
        for one in (values, corrected):
            one[np.abs(one) < _ROUNDING] = 0.0
        needed = replicates or self.settings.resample != ("items",)
        for rows, mask in by_items(values) if needed else ():
            if self._by_item or self.settings.resample == ("items",):
                drawn = corrected[np.ix_(rows, mask)] @ self._item_weights(mask).T
            else:
                drawn = self._drawn(mask, [contrasts[row] for row in rows])
                if "forms" in self.settings.resample:
                    held = combined([contrasts[row] for row in rows], self.values)[:, mask]
                    drawn = 2 * held.mean(axis=1, keepdims=True) - drawn
                if minus is not None:
                    drawn -= self._drawn_baseline(mask, minus[0], [minus[1][row] for row in rows])
            drawn_means[rows] = drawn
        n_items = (~np.isnan(values)).sum(axis=1)
        taken = [] if minus is None else [-1.0]
        weights = [[*contrast.values(), *taken] for contrast in contrasts]
        bounds = [np.array([sum(f(w, 0.0) for w in one) for one in weights]) for f in (min, max)]
        difference = any(one != [1.0] for one in weights)
        whole = np.array([self.whole[[*contrast]].any() for contrast in contrasts])
        found = self.summarised(
            values, drawn_means, corrected,
            bounds=bounds, difference=difference, whole=whole, p_values=p_values,
        )  # fmt: skip
        table = pl.DataFrame({"n_items": n_items, **found}).fill_nan(None)
        return table, drawn_means

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
        out = np.full((len(known), self.settings.n_resamples), np.nan)
        for rows, mask in by_items(known):
            out[rows] = known[np.ix_(rows, mask)] @ self._item_weights(mask).T
        return out

    def drawn_baseline(
        self, baseline: Baseline, populations: Sequence[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Align a baseline with the people of every group, over the items of the group.

        Parameters
        ----------
        baseline : Baseline
            One that has every item of every group.
        populations : sequence of int
            The population of each group in it.

        Returns
        -------
        values : numpy.ndarray
            Shape (groups, items), NaN where the group lacks the item.
        replicates : numpy.ndarray
            Shape (groups, n_resamples): means, with the draws of the groups' own.
        """
        values = baseline.values(self.items)[list(populations)]
        values[np.isnan(self.values)] = np.nan
        if self._by_item or "respondents" not in self.settings.resample:
            return values, self.replicates_of(self.corrected_baseline(baseline, populations))
        replicates = np.full((len(values), self.settings.n_resamples), np.nan)
        for rows, mask in by_items(values):
            found = self._drawn_baseline(mask, baseline, [populations[row] for row in rows])
            replicates[rows] = found
        return values, replicates

    def corrected_baseline(
        self, baseline: Baseline, populations: Sequence[int]
    ) -> NDArray[np.float64]:
        """Align a baseline with the people of some populations, item by item, as `corrected` is."""
        values = baseline.values(self.items)
        if self._by_item and "respondents" in self.settings.resample:
            rows = baseline.rows(self.items)
            drawn = self._baseline_draws(rows, ("respondents",))
            moved = np.full(values.shape, np.nan)
            places = [self.items.index(question) for question in rows["question"]]
            moved[rows["population"].to_numpy(), places] = drawn.drawn_scores()
            own = np.full(values.shape, np.nan)
            own[rows["population"].to_numpy(), places] = rows["own"].to_numpy()
            values = 2 * values - (1 - (1 - own) * (1 - moved))
        return values[list(populations)]

    def summarised(
        self,
        values: NDArray[np.float64],
        replicates: NDArray[np.float64],
        corrected: NDArray[np.float64],
        *,
        bounds: Sequence[ArrayLike] = UNBOUNDED,
        difference: bool = False,
        whole: NDArray[np.bool_] | None = None,
        p_values: bool = False,
    ) -> dict[str, NDArray[np.float64]]:
        """Average numbers of groups and items, with the intervals that means of scores get.

        Parameters
        ----------
        values, corrected : (n, items) array
            NaN where there is none; the second made of `corrected` as the first is of `values`.
        replicates : (n, n_resamples) array
            Of the means.
        bounds : (float or (n,) array, float or (n,) array)
            The smallest and the largest possible mean.
        difference : bool
            Whether the values are differences of scores.
        whole : (n,) array of bool, optional
            Which rows are of people drawn whole; by default as the groups are.
        p_values : bool
            Whether they are needed.

        Returns
        -------
        dict of str to (n,) ndarray
            `estimate`, `low`, `high`, `std_error` and `p_value`, if needed; NaN for none.
        """
        names = ["estimate", "low", "high", "std_error", *["p_value"] * p_values]
        found = {name: np.full(len(values), np.nan) for name in names}
        lowest, highest = (np.broadcast_to(end, len(values)) for end in bounds)
        correlated = self.whole if whole is None else whole
        held = ~np.isnan(values)
        alike = np.unique(held, axis=0, return_inverse=True)[1].ravel() if p_values else None
        for rows in by_number(held, correlated):
            # which items they are is nothing to the draws: their places in the row are
            given, moved = (
                of[rows][held[rows]].reshape(len(rows), -1) for of in (values, corrected)
            )
            part = summarise_means(
                given, replicates[rows], resample=self.settings.resample,
                bounds=(lowest[rows], highest[rows]), difference=difference,
                drawn=2 * given - moved if self._by_item else None,
                independent_items=not correlated[rows[0]], **self.settings.draws,
                alike=None if alike is None else alike[rows],
            )  # fmt: skip
            for name, column in part.items():
                found[name][rows] = column
        return found

    def _item_weights(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        n_items, settings = int(mask.sum()), self.settings
        if "items" not in settings.resample:
            return np.full((settings.n_resamples, n_items), 1.0 / n_items)
        if n_items not in self._weights:
            self._weights[n_items] = item_weights(
                n_items, n_resamples=settings.n_resamples, seed=settings.seed
            )
        return self._weights[n_items]

    def _named(self, mask: NDArray[np.bool_]) -> list[str]:
        return [name for name, kept in zip(self.items, mask, strict=True) if kept]

    def _drawn(
        self, mask: NDArray[np.bool_], contrasts: Sequence[Mapping[int, float]]
    ) -> NDArray[np.float64]:
        """Score anew, in every replicate, the groups that some contrasts need."""
        needed = sorted({group for contrast in contrasts for group in contrast})
        rows = self._pairs.filter(
            pl.col("_group").is_in(needed) & pl.col("question").is_in(self._named(mask))
        ).sort("_group", maintain_order=True)
        resample = self.settings.resample
        drawn: dict[int, NDArray[np.float64]] = {}
        if self._whole is not None:
            known = pl.col("_group").is_in(np.flatnonzero(self.whole))
            drawn = self._whole.replicates(rows.filter(known), "_group", self.settings, resample)
            rows = rows.filter(~known)
        if not rows.is_empty():
            batch = score_items(
                rows, self._bank, ["_group"], self.settings, resample=resample, second=self._second
            )
            drawn |= dict(zip(batch.groups["_group"], batch.replicates(), strict=True))
        return np.stack([
            sum(weight * drawn[group] for group, weight in contrast.items())
            for contrast in contrasts
        ])  # fmt: skip

    def _drawn_baseline(
        self, mask: NDArray[np.bool_], baseline: Baseline, populations: Sequence[int]
    ) -> NDArray[np.float64]:
        shared = self._named(mask)
        if "respondents" not in self.settings.resample:
            values = baseline.values(shared)[list(populations)]
            return np.asarray(values @ self._item_weights(mask).T)
        rest: list[ResampleSource] = [
            s for s in self.settings.resample if s not in ("replies", "forms")
        ]
        rows = baseline.rows(shared).filter(pl.col("population").is_in(sorted(set(populations))))
        own = dict(rows.group_by("population").agg(pl.col("own").mean()).iter_rows())
        drawn: dict[int, NDArray[np.float64]] = {}
        if self._whole is not None:
            keyed = rows.join(baseline.populations.with_row_index("population"), on="population")
            known = self._whole.groups_of(keyed, "population")
            keyed = keyed.filter(pl.col("population").is_in(sorted(known)))
            drawn = self._whole.replicates(keyed, "population", self.settings, rest)
            rows = rows.filter(~pl.col("population").is_in(sorted(known)))
        if not rows.is_empty():
            batch = self._baseline_draws(rows, rest)
            drawn |= dict(zip(batch.groups["population"], batch.replicates(), strict=True))
        # A baseline that holds some of the population's own people lies nearer by that part.
        return np.stack([1 - (1 - own[one]) * (1 - drawn[one]) for one in populations])

    def _baseline_draws(self, rows: pl.DataFrame, sources: Sequence[ResampleSource]) -> ScoreBatch:
        """Draw the people of populations, and those that their baselines are made of."""
        varies = bool(np.isfinite(rows["n_mixed"].to_numpy()).all())
        return score_items(
            rows, self._bank, ["population"], self.settings,
            resample=[*sources, "replies"] if varies else sources,
            model_n=rows["n_mixed"] if varies else None,
        )  # fmt: skip
