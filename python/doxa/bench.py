"""How fast doxa is on this machine, and how long an experiment would take here.

What is timed are the functions that users call, on made-up input that a fixed seed gives. Each
runs once before its rounds. Every round must give the same numbers, and the first of them must
agree with a plain NumPy twin: a machine that computes something else gets no timings.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

import doxa
from doxa.backend import Engine
from doxa.errors import DoxaError, InvalidArgumentError
from doxa.experiment import Experiment
from doxa.question import QuestionBank
from doxa.run import load_model
from doxa.score import score_batch, score_sample
from doxa.task import tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from doxa.backend import Backend, Workload
    from doxa.task import Task

    Report = Callable[[str], None]

__all__ = [
    "WAYS",
    "Benchmark",
    "ModelTiming",
    "Sizes",
    "Timing",
    "benchmark",
    "time_core",
    "time_model",
]

WAYS: Final = ("logprobs", "verbalized", "logprobs,verbalized")
"""The elicitations a model is timed with, as ``doxa ask --elicit`` takes them."""

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


@dataclass(frozen=True, slots=True)
class ModelTiming:
    """What asking a model took, and what asking all items would take.

    Parameters
    ----------
    model : str
        The model's name.
    language : str
        The prompts' language.
    threads : int
        Threads of evaluation.
    load_seconds : float
        From the file's name to a model that can be asked, the file's fingerprint included.
    prompt_tokens_per_second : float
        Of the first prompt, none of which had been evaluated before.
    asked : int
        Items that were timed with each elicitation.
    replies, valid : int
        Replies that came, and how many of them are distributions.
    items : int
        Items that a run in this language asks: all but those that its prompts show as examples.
    seconds_per_item : dict of str to float
        For each of `WAYS`, the median over the items asked.
    run_seconds : dict of str to float
        For each of `WAYS`, what all items would take after loading: the median time of a token
        times the tokens of all, because some items have more of them than others.
    """

    model: str
    language: str
    threads: int
    load_seconds: float
    prompt_tokens_per_second: float
    asked: int
    replies: int
    valid: int
    items: int
    seconds_per_item: dict[str, float]
    run_seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Timings, and what they were taken on.

    Parameters
    ----------
    machine : dict
        ``processor``, ``cores`` (those this process may use), ``threads`` (of the core) and
        ``instruction_set`` (what ``DOXA_ISA`` asks for; None where the core chooses).
    versions : dict of str to str
        Of doxa, numpy, polars, python and, with a model, llama_cpp_python.
    timings : list of Timing
        Of the scoring core.
    model : ModelTiming or None
        None where no model was named.
    """

    machine: dict[str, str | int | None]
    versions: dict[str, str]
    timings: list[Timing]
    model: ModelTiming | None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in plain types, as ``doxa bench --json`` prints it."""
        timings = [asdict(timing) | {"per_second": timing.per_second} for timing in self.timings]
        return asdict(self) | {"timings": timings}


def benchmark(
    model: str | os.PathLike[str] | None = None,
    *,
    language: str = "en",
    threads: int | None = None,
    sizes: Sizes | None = None,
    rounds: int = 5,
    n_items: int = 4,
    report: Report | None = None,
) -> Benchmark:
    """Time doxa on this machine.

    Parameters
    ----------
    model : path, optional
        A GGUF file to time as well; it comes first, so that what is wrong with it is told soon.
    language, n_items
        As for `time_model`.
    threads : int, optional
        Of the core and of the model; by default what either takes by itself.
    sizes, rounds
        As for `time_core`.
    report : callable, optional
        Called with a line of text before each step.

    Raises
    ------
    DoxaError
        What went wrong, as `time_core` and `time_model` say.

    Examples
    --------
    >>> small = Sizes(pairs=10, groups=2, items=5, people=20, models=2, draws=10)
    >>> found = benchmark(sizes=small, rounds=1)
    >>> [timing.unit for timing in found.timings]
    ['pairs', 'values', 'scores', 'distances', 'distances']
    """
    timed = None
    if model is not None:
        timed = time_model(
            model, language=language, n_items=n_items, threads=threads, report=report
        )
    timings = time_core(sizes, rounds=rounds, threads=threads, report=report)
    return Benchmark(_machine(threads), _versions(timed is not None), timings, timed)


def time_core(
    sizes: Sizes | None = None,
    *,
    rounds: int = 5,
    threads: int | None = None,
    report: Report | None = None,
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


def time_model(
    path: str | os.PathLike[str],
    *,
    language: str = "en",
    n_items: int = 4,
    threads: int | None = None,
    report: Report | None = None,
) -> ModelTiming:
    """Load a model, ask it a few items in each of `WAYS`, and say what all items would take.

    The prompts are those of ``doxa ask`` without steering. One more item is asked first: it pays
    for what all prompts share.

    Parameters
    ----------
    path : path
        A GGUF file.
    language : str
        The prompts' language.
    n_items : int
        How many items are timed, at least 3, spread over the questionnaire's topics.
    threads : int, optional
        Threads of evaluation; the cores this process may use by default.
    report : callable, optional
        Called with a line of text before each step.

    Raises
    ------
    ModelError, MissingExtraError
        The model cannot be loaded or asked, or llama-cpp-python is not installed.
    ExperimentError, InvalidArgumentError
        The language is unknown, or `n_items` or `threads` is out of range.
    """
    say = report or (lambda _: None)
    bank = QuestionBank.load()
    name = os.fspath(path)
    engine = Engine(threads=threads)
    run = Experiment.from_grid((name,), bank=bank, languages=(language,), engine=engine)
    if n_items < len(WAYS):
        raise InvalidArgumentError(f"n_items is {n_items}: give {len(WAYS)} or more")
    few = Experiment.from_grid((name,), bank=bank, languages=(language,), items=n_items + 1)
    start = time.perf_counter()
    backend = load_model(run, name)
    load_seconds = time.perf_counter() - start
    with closing(backend):
        tasks = list(tasks_of(run, backend.card, bank=bank))
        backend.prepare([task.request for task in tasks])
        first, *others = few.items
        say(f"loaded {backend.card.model}; asking it a first item")
        [cold] = _chosen(tasks, WAYS[0], (first,))
        seconds, valid = _asked(backend, [cold])
        load = _load(backend, [cold])
        prompt_rate = load.evaluated_tokens / seconds
        replies = 1
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        costs: dict[str, list[float]] = {way: [] for way in WAYS}
        for turn in range(n_items):
            say(f"asking it item {turn + 1} of {n_items}")
            # Ways take turns, so that what else the machine does falls on all of them, and each
            # has another item than the one before it, which would still be in the cache.
            for number, way in enumerate(WAYS):
                timed = _chosen(tasks, way, (others[(turn + number) % n_items],))
                seconds, good = _asked(backend, timed)
                replies, valid = replies + len(timed), valid + good
                times[way].append(seconds)
                costs[way].append(seconds / _own_tokens(_load(backend, timed)))
        own = {way: _own_tokens(_load(backend, _chosen(tasks, way, run.items))) for way in WAYS}
        shared = load.shared_tokens / prompt_rate
        return ModelTiming(
            backend.card.model,
            language,
            threads or _cores(),
            load_seconds,
            prompt_rate,
            n_items,
            replies,
            valid,
            len(run.items),
            {way: statistics.median(times[way]) for way in WAYS},
            {way: shared + own[way] * statistics.median(costs[way]) for way in WAYS},
        )


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


def _chosen(tasks: Iterable[Task], way: str, items: Collection[str]) -> list[Task]:
    """Return the tasks about some items that belong to one of `WAYS`."""
    return [
        task
        for task in tasks
        if task.cell.elicitation in way.split(",") and task.cell.question in items
    ]


def _asked(backend: Backend, tasks: Sequence[Task]) -> tuple[float, int]:
    """Ask, and return the seconds that took and how many replies are distributions."""
    start = time.perf_counter()
    answers = dict(backend.ask([task.request for task in tasks]))
    seconds = time.perf_counter() - start
    readings = [task.read(answers[task.request]).reading for task in tasks]
    return seconds, sum(reading.status == "ok" for reading in readings)


def _load(backend: Backend, tasks: Sequence[Task]) -> Workload:
    return backend.prepare([task.request for task in tasks])


def _own_tokens(load: Workload) -> int:
    """Return the tokens that are not shared: items, closings and replies."""
    return load.evaluated_tokens - load.shared_tokens + load.completion_tokens


def _machine(threads: int | None) -> dict[str, str | int | None]:
    told = os.environ.get("DOXA_NUM_THREADS")  # the core has refused it by now if it is no number
    return {
        "processor": _processor(),
        "cores": _cores(),
        "threads": threads or int(told or _cores()),
        "instruction_set": os.environ.get("DOXA_ISA"),
    }


def _processor() -> str:
    """Name the processor, as well as the system does."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _versions(with_model: bool) -> dict[str, str]:
    found = {
        "doxa": doxa.__version__,
        "numpy": np.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
    }
    if with_model:
        try:
            found["llama_cpp_python"] = version("llama_cpp_python")
        except PackageNotFoundError:
            found["llama_cpp_python"] = "unknown"
    return found
