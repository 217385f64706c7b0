"""Time runs on a cluster: what a reply costs the driver, and workers beside one process.

    python benches/cluster.py [MODEL.gguf] [--part driver|workers]

`driver` simulates 64 workers of 50 ms a reply. Four Ray actors stand for sixteen workers each: they
take a block for each, do all that a worker does but ask a model, and sleep instead. So the driver
plans, sends, receives and commits as it would with 64 GPUs; the actors' work shares the machine's
cores with it, which real workers would not.

`workers` asks a real model (SmolLM2 135M by default), on this machine: two workers on Ray, one
process, and one process with prompts side by side, at the same number of threads in all. The
finished stores are compared to the bit. Times are from the first question to the last reply;
memory is the proportional set size of all processes, so what they share counts once.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import polars as pl

from doxa.backend import Answer, Engine, ModelCard, Workload
from doxa.cluster.asking import ask as ask_on_cluster
from doxa.cluster.asking import crew
from doxa.cluster.asking.worker import Worker
from doxa.demo import demo_model
from doxa.elicit import ElicitationSettings
from doxa.outside.processor import cores
from doxa.questionnaire import QuestionBank
from doxa.run import Cluster, Experiment, ask
from doxa.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from doxa.backend import Backend, Request
    from doxa.backend.named import Located

BANK = QuestionBank.load()
WORKERS, ACTORS, SECONDS = 64, 4, 0.05
DRAWS = 12
ITEMS = 24
PARALLEL = (1, 2, 4)


class Sleeping:
    """A backend that takes `SECONDS` for each answer."""

    free = True

    def __init__(self, model: str) -> None:
        self.card = ModelCard("openai_server", model, "simulated")

    def prepare(self, requests: Sequence[Request]) -> Workload:
        return Workload(len(requests))

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        for request in requests:
            time.sleep(SECONDS)
            yield request, Answer("1", prompt_tokens=900, completion_tokens=1, seconds=SECONDS)

    def close(self) -> None:
        pass


def load(_: Experiment, model: str | Located) -> Backend:
    return Sleeping(str(model))


class Simulated(crew.Crew):
    """A crew whose members share a few actors, and which notes when the first block went out."""

    began = processor = planning = 0.0

    def __init__(self, ray: Any, *values: Any) -> None:
        several = ray.remote(num_cpus=0, max_concurrency=WORKERS // ACTORS)(Worker)
        actors = cycle([several.remote(load) for _ in range(ACTORS)])
        ray.get([next(actors).greet.remote() for _ in range(ACTORS)])
        self._shared = actors
        super().__init__(ray, *values)
        Simulated.planning = time.process_time()

    def hire(self) -> None:
        self._class = self
        super().hire()

    def remote(self, _: object) -> Any:
        return next(self._shared)

    def call(self, member: Any, doing: str, *values: Any, limit: float | None = None) -> None:
        if doing == "answer" and not Simulated.began:
            Simulated.began, Simulated.processor = time.perf_counter(), time.process_time()
        super().call(member, doing, *values, limit=limit)


def driver(_: str) -> None:
    """Measure the driver with many simulated workers."""
    experiment = Experiment.from_grid(
        ["simulated"],
        bank=BANK,
        languages=list(BANK.languages),
        templates=("a", "b"),
        n_examples=0,
        elicitations=["sampling"],
        settings=ElicitationSettings(draws=DRAWS),
        engine=Engine("openai_server", server="http://simulated/v1"),
        cluster=Cluster("local", workers=WORKERS, cpus_per_worker=1),
    )
    ends: list[float] = []

    def progress(done: int, total: int, _: float) -> None:
        if done == total:
            ends[:] = time.perf_counter(), time.process_time()

    with tempfile.TemporaryDirectory() as folder, patch("doxa.cluster.asking.ask.Crew", Simulated):
        ask_on_cluster(experiment, Path(folder, "run"), bank=BANK, load=load, progress=progress)
    n, wall = experiment.size, ends[0] - Simulated.began
    cost = (ends[1] - Simulated.processor) / n
    print(f"{WORKERS} simulated workers, {SECONDS * 1000:.0f} ms a reply, {n:,} replies")
    print(f"  committed           {n / wall:8,.0f} a second, of {WORKERS / SECONDS:,.0f} at most")
    print(f"  workers busy        {n * SECONDS / WORKERS / wall:8.1%}")
    print(f"  driver's processor  {cost * 1e6:8.0f} µs a reply")
    planning = (Simulated.processor - Simulated.planning) / n
    print(f"  before that         {planning * 1e6:8.0f} µs a reply, for prompts, keys and the plan")
    print(f"  so it could commit  {1 / cost:8,.0f} a second, with a core of its own\n")


class Memory(Thread):
    """The most memory that this process and all below it have taken, of two kinds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._done = Event()
        self.most = {"models": 0, "rest": 0}

    def __enter__(self) -> dict[str, int]:
        self.start()
        return self.most

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()

    def run(self) -> None:
        while not self._done.wait(1):
            now = {"models": 0, "rest": 0}
            for process in below(os.getpid()):
                with suppress(OSError, ValueError):
                    command = Path(f"/proc/{process}/cmdline").read_bytes()
                    kind = "models" if b"doxa.backend.worker" in command else "rest"
                    now[kind] += proportional(process)
            if sum(now.values()) > sum(self.most.values()):
                self.most.update(now)


def below(process: int) -> list[int]:
    """Return a process and all that it has started, and they."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, new = [], [process]
    while new:
        found.append(new.pop())
        new += children.get(found[-1], [])
    return found


def proportional(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("Pss:")]
    return int(line.split()[1]) * 1024


def note(took: list[float], _: int, __: int, seconds: float) -> None:
    took.append(seconds)


def workers(model: str) -> None:
    """Compare two workers with one process, at the same number of threads in all."""
    experiment = Experiment.from_grid(
        [model], bank=BANK, languages=("en", "de"), items=ITEMS, n_examples=8
    )
    each = max(1, cores() // 2)
    two = replace(
        experiment,
        engine=Engine(threads=each),
        cluster=Cluster("local", workers=2, cpus_per_worker=each),
    )
    found: dict[str, pl.DataFrame] = {}
    print("how                        seconds  replies a second   MB: models, rest")
    ways = {f"2 workers, {each} thread each": two} | {
        f"1 process, --parallel {n}": replace(
            experiment, engine=Engine(parallel=n, threads=2 * each)
        )
        for n in PARALLEL
    }
    for how, asked in ways.items():
        took: list[float] = []
        run = ask if asked.cluster is None else ask_on_cluster
        with tempfile.TemporaryDirectory() as folder:
            with Memory() as memory:
                run(asked, Path(folder, "run"), bank=BANK, progress=partial(note, took))
            with Store.read(Path(folder, "run")) as store:
                found[how] = store.replies().select(pl.exclude("seconds"))
        print(
            f"{how:25s}  {took[-1]:7.1f}  {asked.size / took[-1]:16.2f}   "
            f"{memory['models'] / 1e6:6.0f}, {memory['rest'] / 1e6:.0f}"
        )
    [first, second, *_] = found.values()
    print(f"the stores of the first two are {'equal' if first.equals(second) else 'NOT EQUAL'}")


PARTS = {"driver": driver, "workers": workers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--part", choices=PARTS, help="all by default")
    options = parser.parse_args()
    model = options.model or os.fspath(demo_model(small=True))
    print(f"{Path(model).name}, {cores()} cores")
    for name, part in PARTS.items():
        if options.part in (None, name):
            part(model)


if __name__ == "__main__":
    main()
