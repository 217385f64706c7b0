"""The run of an experiment on a cluster."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from doxa import run
from doxa.backend import BACKENDS
from doxa.cluster.asking.asker import OnCluster
from doxa.cluster.asking.crew import Crew
from doxa.cluster.asking.files import Source, found_here
from doxa.cluster.asking.handshake import Handshake
from doxa.cluster.connection import connected
from doxa.errors import ExperimentError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator
    from pathlib import Path

    import polars as pl

    from doxa.cluster.asking.worker import Load
    from doxa.questionnaire import QuestionBank
    from doxa.run import Experiment
    from doxa.run.asker import Asker
    from doxa.run.course import Course
    from doxa.run.shard import Shard

__all__ = ["ask"]


def ask(
    experiment: Experiment,
    path: str | os.PathLike[str],
    *,
    bank: QuestionBank,
    human: pl.DataFrame | None = None,
    progress: Callable[[int, int, float], None] | None = None,
    told: Callable[[str], object] | None = None,
    retry_failed: bool = False,
    shard: Shard | None = None,
    load: Load = run.load_model,
    course: Course | None = None,
) -> None:
    """Ask every model of an experiment on a Ray cluster for the replies that the store lacks.

    This process plans, and it alone writes the store. The finished store is the one that
    `doxa.run.ask` makes, whatever happened to workers meanwhile.

    Parameters
    ----------
    experiment : Experiment
        The experiment; its `cluster` says where.
    path, bank, human, progress, told, retry_failed, shard, course
        As for `doxa.run.ask`.
    load : callable
        Loads a model on a node, from the experiment and the model's name or path.

    Raises
    ------
    MissingExtraError
        Ray is not installed.
    ExperimentError
        The experiment names no cluster, or it replays a run, or what a worker takes does not fit
        this machine.
    StoreError, ModelError
        The run failed; replies so far are kept.
    """
    engine, cluster = experiment.engine, experiment.cluster
    if cluster is None:
        raise ExperimentError("no cluster: say which, such as local")
    if engine.backend == "replay":
        raise ExperimentError("recorded replies are read at once: replay them without a cluster")
    say = told or (lambda _: None)
    with connected(cluster.address) as ray, closing(Crew(ray, cluster, load, say)) as crew:
        if engine.backend == "llama_cpp" and engine.threads is None:
            engine = replace(engine, threads=crew.shape.cpus)

        def source(file: Path) -> Any:
            """Start what reads a file of this machine for nodes that lack it."""
            here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                ray.get_runtime_context().get_node_id(), soft=False
            )
            kind = ray.remote(num_cpus=0, scheduling_strategy=here)(Source)
            return kind.remote(file.resolve())

        def askers() -> Generator[Asker, None, None]:
            handshake = Handshake(engine.backend, mixed=cluster.mixed)
            files = BACKENDS[engine.backend].files
            # wrong names are told before a long run
            here = [found_here(model, say) if files else None for model in experiment.models]
            for model, place in zip(experiment.models, here, strict=True):
                yield OnCluster(
                    crew,
                    handshake,
                    replace(experiment, engine=engine),
                    model,
                    here=place,
                    cluster=cluster,
                    source=source,
                    told=say,
                )

        run.ask(
            experiment,
            path,
            bank=bank,
            human=human,
            progress=progress,
            told=told,
            retry_failed=retry_failed,
            shard=shard,
            askers=askers(),
            course=course,
        )
