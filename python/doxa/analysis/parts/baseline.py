"""What a model has to beat: answers that one could give without knowing the country."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from doxa.analysis.parts.pairs import population_keys
from doxa.analysis.parts.settings import check_baseline
from doxa.errors import NoDataError
from doxa.score import score_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import BaselineKind
    from doxa.distribution import HasItems

__all__ = ["Baseline", "baseline_distributions"]


def baseline_distributions(
    human: pl.DataFrame, bank: HasItems, kind: BaselineKind = "leave_one_out"
) -> pl.DataFrame:
    """Give the baseline of each population and item.

    Parameters
    ----------
    human : polars.DataFrame
        Response distributions as `doxa.distribution.human_distributions` gives them.
        Countries are compared within the same survey, wave and further keys.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    kind : {"leave_one_out", "pooled", "uniform", "nearest"}
        "leave_one_out": the average of the other countries, each counted once whatever the size
        of its sample. "pooled": the respondents of all countries together, the country's own
        among them. "uniform": the same share for every option. "nearest": the answers of the
        other country whose alignment with this one is highest over the items that both have.

    Returns
    -------
    polars.DataFrame
        The population's keys, `question` and `baseline` (List(Float64), sum 1, in the order of
        the scale). There is no row where no other country has the item.

    Raises
    ------
    InvalidArgumentError
        An unknown kind.
    NoDataError
        Respondents are to be pooled whose number is unknown.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> keys = {"survey": "S", "wave": 7, "question": "Q57", "codes": [[1, 2]] * 3}
    >>> human = pl.DataFrame({
    ...     **keys, "country": ["COL", "JPN", "USA"],
    ...     "probabilities": [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]],
    ... })
    >>> table = baseline_distributions(human, QuestionBank.load())
    >>> table.select("country", "baseline").rows()
    [('COL', [0.75, 0.25]), ('JPN', [0.5, 0.5]), ('USA', [0.25, 0.75])]
    """
    baseline = Baseline(human, bank, kind)
    rows = [
        (population, answers.question, shares.tolist())
        for answers in baseline.by_item
        for population, shares in zip(
            answers.populations, answers.mixed(answers.shares), strict=True
        )
        if not np.isnan(shares).any()
    ]
    schema: dict[str, Any] = {
        "population": pl.UInt32,
        "question": pl.String,
        "baseline": pl.List(pl.Float64),
    }
    found = pl.DataFrame(rows, schema=schema, orient="row")
    populations = baseline.populations.with_row_index("population")
    return (
        populations.join(found, on="population", maintain_order="left")
        .drop("population")
    )  # fmt: skip


class ItemAnswers(NamedTuple):
    """People's answers to one item, in one survey, wave and further keys.

    P populations, K options.
    """

    question: str
    populations: NDArray[np.uint32]
    """(P,), places among all populations."""
    shares: NDArray[np.float64]
    """(P, K)."""
    sizes: NDArray[np.float64]
    """(P,), effective numbers of respondents, NaN where unknown."""
    counts: NDArray[np.float64]
    """(P,), numbers of respondents, NaN where unknown."""
    weights: NDArray[np.float64] | None = None
    """(P, P), of each population in the baseline of each; None for the uniform one."""

    def mixed(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mix shares (P, …, K) of the populations into the baseline of each."""
        if self.weights is None:
            return np.full_like(shares, 1.0 / shares.shape[-1])
        return np.tensordot(self.weights, shares, axes=1)


class Baseline:
    """The baseline of every population: its alignment by item, and what it is made of.

    Parameters
    ----------
    human, bank, kind
        As in `baseline_distributions`.

    Attributes
    ----------
    populations : polars.DataFrame
        Keys, sorted.
    """

    def __init__(self, human: pl.DataFrame, bank: HasItems, kind: BaselineKind) -> None:
        check_baseline(kind)
        self._kind, self._bank, self._keys = kind, bank, population_keys(human)
        self.populations = human.select(self._keys).unique().sort(self._keys)
        numbered = self.populations.with_row_index("population")
        # Sums of floats depend on their order, so it must not depend on the order of the rows.
        self._human = human.join(numbered, on=self._keys, nulls_equal=True).sort(
            "question", "population"
        )

    @cached_property
    def by_item(self) -> list[ItemAnswers]:
        """Every item in every survey, wave and further keys."""
        stratum = [name for name in self._keys if name != "country"]
        by_item = [
            ItemAnswers(
                part["question"][0],
                part["population"].to_numpy(),
                np.array(part["probabilities"].to_list()),
                _numbers(part, "n_effective"),
                _respondents(part),
            )
            for part in self._human.partition_by("question", *stratum, maintain_order=True)
        ]
        nearest = self._nearest(by_item) if self._kind == "nearest" else None
        return [answers._replace(weights=self._weights(answers, nearest)) for answers in by_item]

    def values(self, items: Sequence[str]) -> NDArray[np.float64]:
        """Give the baseline's alignment: shape (populations, items), NaN where there is none."""
        found = np.full((self.populations.height, len(items)), np.nan)
        places = {name: place for place, name in enumerate(items)}
        for answers in self.by_item:
            if answers.question in places:
                score = self._align(answers, answers.mixed(answers.shares), answers.shares)
                found[answers.populations, places[answers.question]] = score
        return found

    def rows(self, items: Sequence[str]) -> pl.DataFrame:
        """Give what the baseline is made of, to be drawn anew with the population's own people.

        Returns
        -------
        polars.DataFrame
            One row per population and item that has a baseline: `population` (its place),
            `question`, `probabilities` (of the baseline without the population's own part),
            `probabilities_human`, `n_effective` and `n_mixed` (as many respondents vary as much as
            the baseline; infinite if it does not vary), and `own` (the population's own part, in
            [0, 1]).
        """
        found = []
        for answers in self.by_item:
            if answers.question not in items:
                continue
            own, mixed, sizes = _others(answers)
            held = np.flatnonzero(~np.isnan(mixed).any(axis=1))
            found.append(
                pl.DataFrame({
                    "population": answers.populations[held],
                    "question": [answers.question] * held.size,
                    "probabilities": mixed[held].tolist(),
                    "probabilities_human": answers.shares[held].tolist(),
                    "n_effective": answers.sizes[held],
                    "n_mixed": sizes[held],
                    "own": own[held],
                })
            )  # fmt: skip
        return pl.concat(found).sort("population", "question")

    def _align(
        self, answers: ItemAnswers, first: NDArray[np.float64], second: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Align (P, …, K) with (P, …, K): shape (P, …), NaN where the first is."""
        width = first.shape[-1]
        held = ~np.isnan(first).any(axis=-1)
        out = np.full(held.shape, np.nan)
        scale = self._bank.items[answers.question].scale
        if held.any():
            out[held] = score_batch(
                first[held].reshape(-1, width),
                second[held].reshape(-1, width),
                scale=scale.kind,
                positions=scale.positions,
            ).scores["alignment"]
        return out

    def _weights(
        self, answers: ItemAnswers, nearest: NDArray[np.int64] | None
    ) -> NDArray[np.float64] | None:
        n = len(answers.populations)
        if self._kind == "uniform":
            return None
        if self._kind == "pooled":
            if np.isnan(answers.counts).any():
                raise NoDataError(
                    f"{answers.question}: the number of respondents is unknown, so they cannot be "
                    "pooled; give n or take another baseline"
                )
            return np.tile(answers.counts / answers.counts.sum(), (n, 1))
        if nearest is not None:
            chosen = answers.populations[None, :] == nearest[answers.populations][:, None]
            return np.where(chosen.any(axis=1, keepdims=True), chosen.astype(float), np.nan)
        return (1.0 - np.eye(n)) / (n - 1) if n > 1 else np.full((1, 1), np.nan)

    def _nearest(self, by_item: list[ItemAnswers]) -> NDArray[np.int64]:
        """Find the other country that is nearest to each, -1 where there is none."""
        n = self.populations.height
        sums, counts = np.zeros((n, n)), np.zeros((n, n))
        for answers in by_item:
            size = len(answers.populations)
            first, second = (
                np.repeat(answers.shares, size, axis=0),
                np.tile(answers.shares, (size, 1)),
            )
            place = np.ix_(answers.populations, answers.populations)
            sums[place] += self._align(answers, first, second).reshape(size, size)
            counts[place] += 1
        np.fill_diagonal(counts, 0)
        mean = np.divide(sums, counts, out=np.full((n, n), -np.inf), where=counts > 0)
        return np.where(counts.any(axis=1), mean.argmax(axis=1), -1)


def _others(
    answers: ItemAnswers,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Take each population's own part, (P,), out of its baseline; give the rest, and its size."""
    n, width = answers.shares.shape
    if answers.weights is None:
        return np.zeros(n), np.full((n, width), 1.0 / width), np.full(n, np.inf)
    own = np.diag(answers.weights).copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (answers.weights - np.diag(own)) / (1.0 - own)[:, None]
        sizes = 1.0 / (others**2 @ (1.0 / answers.sizes))
    return own, others @ answers.shares, sizes


def _respondents(part: pl.DataFrame) -> NDArray[np.float64]:
    """Give the numbers of respondents; for published shares the size of the sample."""
    counted = _numbers(part, "n")
    return np.where(np.isnan(counted), _numbers(part, "n_effective"), counted)


def _numbers(part: pl.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in part.columns:
        return np.full(part.height, np.nan)
    return part[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
