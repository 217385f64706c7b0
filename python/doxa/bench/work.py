"""The work that the scoring core is timed on.

The functions are those that users call; the input is random, from a fixed seed. NumPy computes
what the first rows of each result must be.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.questionnaire import QuestionBank
from doxa.score import score_batch, score_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["WORK", "Sizes", "Work"]

_SIX: Final = (
    "alignment",
    "total_variation",
    "js_distance",
    "kl_divergence",
    "hellinger",
    "ranked_probability_score",
)
_CHECKED: Final = 144
"""How many of the first rows of a result NumPy checks."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much work the scoring core is given.

    Parameters
    ----------
    pairs : int
        Pairs of distributions to score.
    groups : int
        Groups whose items are resampled.
    items : int
        Items of a group. They have as many options as the first items of the questionnaire.
    people : int
        Respondents of the country that models are scored against.
    models : int
        Models, or ways of asking one, that are scored against that country.
    draws : int
        Bootstrap replicates.

    Raises
    ------
    InvalidArgumentError
        `items` is not 2 to 144, `draws` is below 2, or another number is below 1.
    """

    pairs: int = 1_000_000
    groups: int = 1_000
    items: int = 144
    people: int = 1_500
    models: int = 42
    draws: int = 1_000

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            least = 2 if name in ("items", "draws") else 1
            if value < least or (name == "items" and value > 144):
                most = " to 144" if name == "items" else ""
                raise InvalidArgumentError(f"{name} is {value}: give a number from {least}{most}")


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work for the scoring core.

    Parameters
    ----------
    name : str
        What it is called.
    size : str
        How much of it there is, in words.
    count : int
        How many units `run` computes.
    unit : str
        What is counted.
    run : callable
        Does the work and returns its table.
    expected : dict of str to list of float
        For some columns, the first rows of that table.
    """

    name: str
    size: str
    count: int
    unit: str
    run: Callable[[], pl.DataFrame]
    expected: dict[str, list[float]]


def _alignment(sizes: Sizes, threads: int | None) -> Work:
    return _of_pairs("alignment", _SIX[:1], sizes, threads)


def _six_metrics(sizes: Sizes, threads: int | None) -> Work:
    return _of_pairs("six metrics", _SIX, sizes, threads)


def _of_pairs(name: str, metrics: Sequence[str], sizes: Sizes, threads: int | None) -> Work:
    n = sizes.pairs
    lengths = np.resize(_options(sizes.items), n)
    model, human = (_rows(lengths, np.random.default_rng(side)) for side in range(2))
    pairs = list(zip(_arrays(model), _arrays(human), strict=True))
    expected = {"alignment": [_aligned(p, q) for p, q in pairs]}
    if "total_variation" in metrics:
        expected["total_variation"] = [float(np.abs(p - q).sum() / 2) for p, q in pairs]
    return Work(
        name,
        f"{n:,} ragged pairs",
        n * len(metrics),
        "pairs" if len(metrics) == 1 else "values",
        lambda: score_batch(model, human, metrics=metrics, n_threads=threads).scores,
        expected,
    )


def _item_bootstrap(sizes: Sizes, threads: int | None) -> Work:
    groups, items, draws = sizes.groups, sizes.items, sizes.draws
    lengths = np.tile(_options(items), groups)
    rng = np.random.default_rng(2)
    model, human = _rows(lengths, rng), _rows(lengths, rng)
    labels = np.repeat(np.arange(groups), items)
    first = [_aligned(p, q) for p, q in zip(*map(_arrays, (model, human)), strict=True)][:items]
    return Work(
        "bootstrap of items",
        f"{groups:,} groups × {items} items × {draws:,} draws",
        groups * items * draws,
        "scores",
        lambda: (
            score_batch(
                model, human, groups=labels, resample="items", n_resamples=draws, n_threads=threads
            ).groups
        ),
        {"estimate": [float(np.mean(first))]},
    )


def _count_bootstrap(sizes: Sizes, threads: int | None) -> Work:
    models, items, draws = sizes.models, sizes.items, sizes.draws
    rng = np.random.default_rng(3)
    model = _rows(np.tile(_options(items), models), rng)
    people = _rows(_options(items), rng)
    human = pl.concat([people] * models, rechunk=True)
    labels = np.repeat(np.arange(models), items)
    respondents = np.full(models * items, float(sizes.people))
    return Work(
        "bootstrap of respondents, from counts",
        f"{models} models × {items} items × {draws:,} draws of {sizes.people:,}",
        models * items * draws,
        "distances",
        lambda: (
            score_batch(
                model,
                human,
                groups=labels,
                human_n=respondents,
                resample="respondents",
                n_resamples=draws,
                n_threads=threads,
            ).groups
        ),
        {"estimate": _first_mean(model, people)},
    )


def _sample_bootstrap(sizes: Sizes, threads: int | None) -> Work:
    models, items, draws = sizes.models, sizes.items, sizes.draws
    rng = np.random.default_rng(4)
    options = _options(items)
    model = _rows(np.tile(options, models), rng)
    answers = np.asfortranarray(rng.integers(0, options, (sizes.people, items)).astype(np.uint8))
    weights = rng.random(sizes.people) + 0.5
    people = pl.Series(
        [
            np.bincount(column, weights, minlength=k) / weights.sum()
            for column, k in zip(answers.T, options, strict=True)
        ],
        dtype=pl.List(pl.Float64),
    )
    labels, columns = np.repeat(np.arange(models), items), np.tile(np.arange(items), models)
    return Work(
        "bootstrap of respondents, weighted sample",
        f"{models} models × {items} items × {draws:,} draws of {sizes.people:,}",
        models * items * draws,
        "distances",
        lambda: (
            score_sample(
                model,
                answers,
                items=columns,
                n_options=options.tolist(),
                groups=labels,
                weights=weights,
                n_resamples=draws,
                n_threads=threads,
            ).groups
        ),
        {"estimate": _first_mean(model, people)},
    )


def _options(items: int) -> NDArray[np.int64]:
    """Return how many options each of the questionnaire's first items has."""
    scales = [item.scale for item in QuestionBank.load().items.values()]
    return np.array([len(scale.codes) for scale in scales[:items]])


def _rows(lengths: NDArray[np.int64], rng: np.random.Generator) -> pl.Series:
    """Draw random distributions of these lengths."""
    starts = np.cumsum(lengths) - lengths
    values = rng.random(int(lengths.sum())) + 1e-3
    values /= np.repeat(np.add.reduceat(values, starts), lengths)
    row = np.repeat(np.arange(lengths.size, dtype=np.uint32), lengths)
    frame = pl.DataFrame({"row": pl.Series(row).set_sorted(), "share": values})
    return frame.group_by("row", maintain_order=True).agg("share")["share"].rechunk()


def _arrays(rows: pl.Series) -> Iterator[NDArray[np.float64]]:
    """Yield the rows that NumPy checks."""
    return (np.array(row) for row in rows.head(_CHECKED).to_list())


def _aligned(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    return float(1 - np.abs(np.cumsum(p - q)[:-1]).sum() / (p.size - 1))


def _first_mean(model: pl.Series, people: pl.Series) -> list[float]:
    """Return the mean alignment of the first model, which has one row for each of `people`'s."""
    rows = zip(_arrays(model.head(len(people))), _arrays(people), strict=True)
    return [float(np.mean([_aligned(p, q) for p, q in rows]))]


WORK: Final = (_alignment, _six_metrics, _item_bootstrap, _count_bootstrap, _sample_bootstrap)
"""Functions that make each piece of work from `Sizes` and a number of threads."""
