"""Time the model and the core, one after the other, and describe the machine."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from doxa.bench.core import time_core
from doxa.bench.machine import machine, versions
from doxa.bench.model import time_model

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from doxa.bench.core import Timing
    from doxa.bench.model import ModelTiming
    from doxa.bench.work import Sizes

__all__ = ["Benchmark", "benchmark"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Timings, with the machine and the versions that were timed.

    Parameters
    ----------
    machine : dict
        ``processor``, ``cores`` (which this process may use), ``threads`` (of the core) and
        ``instruction_set`` (of the core, as `doxa.score.core.CoreUse` names it).
    versions : dict of str to str
        Versions of doxa, numpy, polars, python and, with a model, llama_cpp_python.
    timings : list of Timing
        Timings of the scoring core, one for each piece of work.
    model : ModelTiming or None
        Timing of the model; None if no model was named.
    """

    machine: dict[str, str | int]
    versions: dict[str, str]
    timings: list[Timing]
    model: ModelTiming | None

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types, as ``doxa bench --json`` prints it."""
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
    tell: Callable[[str], None] | None = None,
) -> Benchmark:
    """Time doxa on this machine.

    Parameters
    ----------
    model : path, optional
        A GGUF file to time as well. It is timed first, so that its errors come early.
    language, n_items
        As for `time_model`.
    threads : int, optional
        Threads of the core and of the model; by default each takes its own default.
    sizes, rounds
        As for `time_core`.
    tell : callable, optional
        Called with a line of text before each step.

    Raises
    ------
    DoxaError
        The errors of `time_core` and `time_model`.

    Examples
    --------
    >>> from doxa.bench import Sizes
    >>> small = Sizes(pairs=10, groups=2, items=5, people=20, models=2, draws=10)
    >>> found = benchmark(sizes=small, rounds=1)
    >>> [timing.unit for timing in found.timings]
    ['pairs', 'values', 'scores', 'distances', 'distances']
    """
    timed = None
    if model is not None:
        timed = time_model(model, language=language, n_items=n_items, threads=threads, tell=tell)
    timings = time_core(sizes, rounds=rounds, threads=threads, tell=tell)
    return Benchmark(machine(threads), versions(with_model=timed is not None), timings, timed)
