"""How fast doxa is on this machine, and how long an experiment would take here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from doxa.bench.core import Sizes, Timing, time_core
from doxa.bench.machine import machine, versions
from doxa.bench.model import WAYS, ModelTiming, time_model

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

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
    report: Callable[[str], None] | None = None,
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
    return Benchmark(machine(threads), versions(with_model=timed is not None), timings, timed)
