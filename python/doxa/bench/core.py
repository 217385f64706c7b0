"""The scoring core: distances, metrics, bootstraps.

What is timed are the functions that users call, on made-up input that a fixed seed gives. Each
runs once before its rounds. Every round must give the same numbers, and the first of them must
agree with a plain NumPy twin: a machine that computes something else gets no timings.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from doxa.errors import DoxaError, InvalidArgumentError
from doxa.questionnaire import QuestionBank
from doxa.score import score_batch, score_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Sizes", "Timing", "time_core"]

_SIX: Final = (
    "alignment",
    "total_variation",
    "js_distance",
    "kl_divergence",
    "hellinger",
    "ranked_probability_score",
)
_FEWEST_ROUNDS: Final = 3
_BUDGET: Final = 1.0
"""Seconds after which work that has had its fewest rounds gets no more of them."""
_CHECKED: Final = 144
"""How many of the first rows of a result the NumPy twin works out again."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much work the scoring core is given.

    Parameters
    ----------
    pairs : int
        Pairs of distributions to score.
    groups : int
        Groups whose items are drawn again.
    items : int
        Items of a group, at most those of the questionnaire, whose numbers of options they have.
    people : int
        Respondents of the country that is drawn again.
    models : int
        Models, or ways of asking one, that are scored against that country.
    draws : int
        Bootstrap replicates.

    Raises
    ------
    InvalidArgumentError
        A number is below 1, `items` and `draws` below 2, or `items` above 144.
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
class Timing:
    """What one piece of work took.

    Parameters
    ----------
    work : str
        Its name.
    size : str
        How much of it there was.
    seconds : float
        The median of the rounds.
    rounds : int
        How often it was timed.
    count : int
        How many of the units a round works out.
    unit : str
        What is counted.
    """

    work: str
    size: str
    seconds: float
    rounds: int
    count: int
    unit: str

    @property
    def per_second(self) -> float:
        """Units a second."""
        return self.count / self.seconds


def time_core(
    sizes: Sizes | None = None,
    *,
    rounds: int = 5,
    threads: int | None = None,
    report: Callable[[str], None] | None = None,
) -> list[Timing]:
    """Time the scoring core: distances, metrics, and the bootstraps.

    Parameters
    ----------
    sizes : Sizes, optional
        How much work.
    rounds : int
        How often each piece is timed, at least 1; fewer where one second is used up after three.
    threads : int, optional
        Threads of the core; by default ``DOXA_NUM_THREADS`` or all cores.
    report : callable, optional
        Called with a line of text before each piece.

    Raises
    ------
    InvalidArgumentError
        `rounds` or `threads` is below 1.
    DoxaError
        Two rounds differ, or the core and NumPy do.
    """
    if rounds < 1:
        raise InvalidArgumentError(f"rounds is {rounds}: give 1 or more")
    timings = []
    for make in (_alignment, _six_metrics, _item_bootstrap, _count_bootstrap, _sample_bootstrap):
        work = make(sizes or Sizes(), threads)
        if report is not None:
            report(f"timing {work.name}")
        timings.append(_timed(work, rounds))
    return timings


@dataclass(frozen=True, slots=True)
class _Work:
    """One piece of work, and what the first rows of its result must be."""

    name: str
    size: str
    count: int
    unit: str
    run: Callable[[], pl.DataFrame]
    expected: dict[str, list[float]]


def _timed(work: _Work, rounds: int) -> Timing:
    result = work.run()
    for column, expected in work.expected.items():
        found = result[column].head(len(expected)).to_numpy()
        if not np.allclose(found, expected, rtol=0, atol=1e-9):
            raise DoxaError(
                f"{work.name}: the core and NumPy disagree on this machine, so nothing was timed: "
                "please report it with the processor's name"
            )
    times: list[float] = []
    while len(times) < rounds and (len(times) < _FEWEST_ROUNDS or sum(times) < _BUDGET):
        start = time.perf_counter()
        again = work.run()
        times.append(time.perf_counter() - start)
        if not again.equals(result):
            raise DoxaError(
                f"{work.name}: two rounds gave different numbers, so nothing was timed: "
                "please report it with the processor's name"
            )
    median = statistics.median(times)
    return Timing(work.name, work.size, median, len(times), work.count, work.unit)


def _alignment(sizes: Sizes, threads: int | None) -> _Work:
    return _of_pairs("alignment", _SIX[:1], sizes, threads)


def _six_metrics(sizes: Sizes, threads: int | None) -> _Work:
    return _of_pairs("six metrics", _SIX, sizes, threads)


def _of_pairs(name: str, metrics: Sequence[str], sizes: Sizes, threads: int | None) -> _Work:
    n = sizes.pairs
    lengths = np.resize(_options(sizes.items), n)
    model, human = (_rows(lengths, np.random.default_rng(side)) for side in range(2))
    pairs = list(zip(_arrays(model), _arrays(human), strict=True))
    expected = {"alignment": [_aligned(p, q) for p, q in pairs]}
    if "total_variation" in metrics:
        expected["total_variation"] = [float(np.abs(p - q).sum() / 2) for p, q in pairs]
    return _Work(
        name,
        f"{n:,} ragged pairs",
        n * len(metrics),
        "pairs" if len(metrics) == 1 else "values",
        lambda: score_batch(model, human, metrics=metrics, n_threads=threads).scores,
        expected,
    )


def _item_bootstrap(sizes: Sizes, threads: int | None) -> _Work:
    groups, items, draws = sizes.groups, sizes.items, sizes.draws
    lengths = np.tile(_options(items), groups)
    rng = np.random.default_rng(2)
    model, human = _rows(lengths, rng), _rows(lengths, rng)
    labels = np.repeat(np.arange(groups), items)
    first = [_aligned(p, q) for p, q in zip(*map(_arrays, (model, human)), strict=True)][:items]
    return _Work(
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


def _count_bootstrap(sizes: Sizes, threads: int | None) -> _Work:
    models, items, draws = sizes.models, sizes.items, sizes.draws
    rng = np.random.default_rng(3)
    model = _rows(np.tile(_options(items), models), rng)
    people = _rows(_options(items), rng)
    human = pl.concat([people] * models, rechunk=True)
    labels = np.repeat(np.arange(models), items)
    respondents = np.full(models * items, float(sizes.people))
    return _Work(
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


def _sample_bootstrap(sizes: Sizes, threads: int | None) -> _Work:
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
    return _Work(
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
    """Return the numbers of options of the questionnaire's first items."""
    scales = [item.scale for item in QuestionBank.load().items.values()]
    return np.array([len(scale.codes) for scale in scales[:items]])


def _rows(lengths: NDArray[np.int64], rng: np.random.Generator) -> pl.Series:
    """Make distributions of these lengths up."""
    starts = np.cumsum(lengths) - lengths
    values = rng.random(int(lengths.sum())) + 1e-3
    values /= np.repeat(np.add.reduceat(values, starts), lengths)
    row = np.repeat(np.arange(lengths.size, dtype=np.uint32), lengths)
    frame = pl.DataFrame({"row": pl.Series(row).set_sorted(), "share": values})
    return frame.group_by("row", maintain_order=True).agg("share")["share"].rechunk()


def _arrays(rows: pl.Series) -> Iterator[NDArray[np.float64]]:
    """Give the rows that the NumPy twin works out."""
    return (np.array(row) for row in rows.head(_CHECKED).to_list())


def _aligned(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    return float(1 - np.abs(np.cumsum(p - q)[:-1]).sum() / (p.size - 1))


def _first_mean(model: pl.Series, people: pl.Series) -> list[float]:
    """Return the mean alignment of the first model, whose rows are as many as `people` has."""
    rows = zip(_arrays(model.head(len(people))), _arrays(people), strict=True)
    return [float(np.mean([_aligned(p, q) for p, q in rows]))]
