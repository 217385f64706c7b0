"""The run of an experiment on a cluster."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from doxa import run
from doxa.cluster.asking.asker import OnCluster
from doxa.cluster.asking.connection import connected
from doxa.cluster.asking.crew import Crew
from doxa.cluster.asking.files import Source
from doxa.cluster.asking.handshake import Handshake
from doxa.errors import ExperimentError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import polars as pl

    from doxa.cluster.asking.worker import Load
    from doxa.questionnaire import QuestionBank
    from doxa.run import Experiment
    from doxa.run.asker import Asker

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
    load: Load = run.load_model,
) -> None:
    """Ask every model of an experiment on a Ray cluster for the replies that the store lacks.

    This process plans, and it alone writes the store. The finished store is the one that
    `doxa.run.ask` makes, whatever happened to workers meanwhile.

    Parameters
    ----------
    experiment : Experiment
        The experiment; its `cluster` says where.
    path, bank, human, progress, told, retry_failed
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
    with connected(cluster) as ray, closing(Crew(ray, cluster, load, say)) as crew:
        if engine.backend == "llama_cpp" and engine.threads is None:
            engine = replace(engine, threads=crew.shape.cpus)

        def source(path: str) -> Any:
            """Start what reads a file of this machine for nodes that lack it."""
            here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                ray.get_runtime_context().get_node_id(), soft=False
            )
            return ray.remote(num_cpus=0, scheduling_strategy=here)(Source).remote(
                os.path.realpath(path)
            )

        def askers() -> Generator[Asker, None, None]:
            handshake = Handshake(engine.backend, mixed=cluster.mixed)
            for model in experiment.models:
                yield OnCluster(
                    crew,
                    handshake,
                    replace(experiment, engine=engine),
                    model,
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
            askers=askers(),
        )
