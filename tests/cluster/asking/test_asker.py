"""Whatever happens to workers, the finished store is the one of a single process."""

from __future__ import annotations

import os
import platform
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pytest
from fake_models import Fake, load, load_slow, name
from tiny_models import bigram, random_model

from cluster.conftest import TESTS
from doxa.backend import ModelCard
from doxa.cluster.asking import ask
from doxa.cluster.asking.asker import OnCluster
from doxa.cluster.asking.crew import Event, Lost, Member
from doxa.cluster.asking.handshake import Handshake
from doxa.cluster.asking.worker import Opened
from doxa.elicit import ElicitationSettings
from doxa.errors import ModelError
from doxa.prompt import Condition, render
from doxa.run import Cluster, Experiment, run, tasks_of
from doxa.run import ask as ask_here
from doxa.store import Store

from .made import BANK, ITEMS, by_worker, experiment, finished, tiny

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cluster.conftest import Nodes
    from doxa.cluster.asking.crew import Crew
    from doxa.run.asker import Batch
    from doxa.run.task import Task

pytestmark = [pytest.mark.cluster, pytest.mark.alone]


def asked_in(folder: Path) -> Counter[str]:
    return Counter(line for file in folder.glob("[0-9]*-*") for line in file.read_text().split())


def words(folder: Path, node: str) -> str:
    """Return what the workers of a node have written."""
    return "".join(file.read_text() for file in folder.glob(f"*-{node}"))


def undisturbed(wanted: Experiment, folder: Path) -> pl.DataFrame:
    """Ask in this process, at once."""
    [told] = wanted.models
    with Store.open(folder / "undisturbed.sqlite") as store:
        backend = Fake(told)
        backend.rush()
        run(wanted, backend, store, bank=BANK)
    return finished(folder / "undisturbed.sqlite")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 240
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def beside(do: Callable[[], None]) -> Iterator[None]:
    """Do something while the block runs; its failure is this test's."""
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(do)
        yield
        doing.result(timeout=240)


def living(folder: Path, *, at_work: bool = False) -> list[int]:
    """Return the workers that live, or those of them that are past their first block of one."""
    least = 5 * 65 if at_work else 0  # bytes of five requests
    logs = [file for file in folder.glob("[0-9]*-*") if file.stat().st_size >= least]
    found = [int(file.name.partition("-")[0]) for file in logs]
    return [process for process in found if Path(f"/proc/{process}").exists()]


def test_the_store_is_that_of_a_single_process_to_the_bit(cluster: Nodes, tmp_path: Path) -> None:
    wanted = replace(
        tiny(
            cluster,
            items=ITEMS[:8],
            elicitations=("logprobs", "verbalized", "sampling"),
            settings=ElicitationSettings(draws=2, retries=1),
        ),
        models=(str(random_model()), str(bigram())),
    )
    seen: list[int] = []
    ask(
        wanted,
        tmp_path / "cluster",
        bank=BANK,
        progress=lambda done, total, _: seen.append(done / total),
    )
    ask_here(wanted, tmp_path / "here", bank=BANK)
    assert finished(tmp_path / "cluster").equals(finished(tmp_path / "here"))
    assert seen[-1] == 1
    workers = by_worker(tmp_path / "cluster")
    assert len(workers) == 2
    assert sum(workers.values()) >= 2 * wanted.size
    ask(wanted, tmp_path / "cluster", bank=BANK)  # asks nothing more
    assert by_worker(tmp_path / "cluster") == workers


def test_twenty_workers_are_killed_at_random(cluster: Nodes, tmp_path: Path) -> None:
    hurries = tmp_path / "hurries"
    wanted = experiment(
        cluster,
        name(seconds=0.02, hurries=str(hurries), log=str(tmp_path)),
        items=ITEMS[:140],
        elicitations=("sampling",),
    )
    moments, killed = random.Random(20), set[int]()

    def kill() -> None:
        while len(killed) < 20:
            time.sleep(moments.uniform(0.1, 0.4))
            ready = [one for one in living(tmp_path, at_work=True) if one not in killed]
            if ready:
                killed.add(victim := moments.choice(ready))
                os.kill(victim, signal.SIGKILL)
        hurries.touch()

    told: list[str] = []
    with beside(kill):
        ask(wanted, tmp_path / "run.sqlite", bank=BANK, load=load, told=told.append)
    assert len(killed) == 20
    assert sum("is asked again" in line for line in told) >= 10
    replies = finished(tmp_path / "run.sqlite")
    assert replies["status"].to_list() == ["ok"] * wanted.size
    assert replies.equals(undisturbed(wanted, tmp_path))


def test_a_node_goes_and_another_one_joins(cluster: Nodes, tmp_path: Path) -> None:
    hurries = tmp_path / "hurries"
    wanted = experiment(cluster, name(seconds=2, hurries=str(hurries), log=str(tmp_path)))
    nodes = [cluster.add("gone")]
    try:
        with beside(lambda: ask(wanted, tmp_path / "run.sqlite", bank=BANK, load=load)):
            # nodes can be started by the main thread only
            until(lambda: words(tmp_path, "gone"))
            cluster.remove(nodes.pop())
            nodes.append(cluster.add("joined"))
            start = time.monotonic()
            until(lambda: words(tmp_path, "joined"))
            assert time.monotonic() < start + 60
            hurries.touch()
    finally:
        for node in nodes:
            cluster.remove(node)
    assert finished(tmp_path / "run.sqlite").equals(undisturbed(wanted, tmp_path))


DRIVER = """
import sys
from pathlib import Path
from fake_models import load
from doxa.cluster.asking import ask
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment
bank = QuestionBank.load()
experiment = Experiment.from_toml(sys.argv[1], bank=bank)
ask(experiment, sys.argv[2], bank=bank, load=load, progress=lambda n, *_: print(n, flush=True))
"""


def test_the_driver_is_killed_and_run_again(cluster: Nodes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    wanted = experiment(cluster, name(seconds=0.02, log=str(log)))
    description = tmp_path / "x.toml"
    description.write_text(
        wanted.to_toml() + f'[cluster]\naddress = "{cluster.address}"\npatience = 20.0\n'
    )
    command = [sys.executable, "-c", DRIVER, str(description), str(tmp_path / "run.sqlite")]
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    driver = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}, text=True
    )
    assert driver.stdout is not None
    for line in driver.stdout:
        if int(line) > wanted.size / 2:
            break
    driver.kill()
    driver.wait()
    driver.stdout.close()
    before = finished(tmp_path / "run.sqlite")
    assert wanted.size / 2 < before.height < wanted.size
    until(lambda: not living(log))
    ask(wanted, tmp_path / "run.sqlite", bank=BANK, load=load)
    after = finished(tmp_path / "run.sqlite")
    assert after.equals(undisturbed(wanted, tmp_path))
    twice = sum(asked_in(log).values()) - wanted.size
    assert 0 <= twice <= 2 * wanted.size / 4, "more than the blocks in flight was asked twice"


def test_llama_cpp_aborts_on_one_prompt_every_time(cluster: Nodes, tmp_path: Path) -> None:
    wanted = tiny(cluster, items=ITEMS[:12], elicitations=("logprobs", "verbalized"))
    abort = render(ITEMS[5], wanted.conditions[0], bank=BANK).user
    ask(
        wanted,
        tmp_path / "run",
        bank=BANK,
        load=partial(load_slow, seconds=0.001, abort=abort),
    )
    replies = finished(tmp_path / "run")
    failed = replies.filter(pl.col("status") == "error")
    assert failed["question"].to_list() == [ITEMS[5]] * 2
    assert failed["reason"].to_list() == ["llama.cpp crashed twice (SIGABRT)"] * 2
    ask_here(wanted, tmp_path / "here", bank=BANK)
    sound = pl.col("request_key").is_in(failed["request_key"].implode()).not_()
    assert replies.filter(sound).equals(finished(tmp_path / "here").filter(sound))


@pytest.mark.parametrize(
    ("how", "why", "patience"),
    # on a busy machine, a worker that only has to wait is none that hangs
    [("kills", "its process ended", 60), ("hangs", "it did not answer within", 2)],
)
def test_one_prompt_costs_each_worker(
    cluster: Nodes, tmp_path: Path, how: str, why: str, patience: float
) -> None:
    wanted = experiment(
        cluster,
        "",
        items=ITEMS[:12],
        elicitations=("logprobs",),
        cluster=Cluster(cluster.address, patience=patience),
    )
    fatal = render(ITEMS[7], wanted.conditions[0], bank=BANK).user
    wanted = replace(wanted, models=(name(seconds=0.01, **{how: fatal}),))
    told: list[str] = []
    ask(wanted, tmp_path / "run", bank=BANK, load=load, told=told.append)
    replies = finished(tmp_path / "run")
    [reason] = replies.filter(pl.col("status") == "error")["reason"]
    assert reason.startswith(f"2 workers were lost while they answered it ({why}")
    assert replies.filter(pl.col("status") == "ok").height == wanted.size - 1
    lost = [line for line in told if "is lost" in line]
    assert lost
    assert all(f"on node {platform.node()} is lost ({why}" in line for line in lost)


CARD = ModelCard("llama_cpp", "m", "ab")
ALONE = Experiment(("m",), (Condition("en", n_examples=0),), ITEMS[:20], ("logprobs",))


def without_workers() -> OnCluster:
    return OnCluster(
        cast("Crew", SimpleNamespace(members=[])),
        cast("Any", SimpleNamespace(cards={"m": CARD})),
        ALONE,
        "m",
        here=None,
        cluster=Cluster("auto"),
        source=print,
        told=lambda _: None,
    )


@pytest.mark.parametrize(
    ("doing", "lost", "ends"),
    [
        ("greet", Lost("its node is gone", with_node=True), False),
        ("greet", Lost("ModuleNotFoundError: no doxa"), True),
        ("open", Lost("its node is gone", with_node=True), True),
        ("open", Lost("its process ended"), True),
    ],
)
def test_workers_that_end_while_they_load_the_model_end_the_run(
    doing: str, lost: Lost, ends: bool
) -> None:
    asker, member = without_workers(), Member(3, None)
    for _ in range(2):
        asker._settle(Event(member, doing, lost, 1.0))
    with nullcontext() if not ends else pytest.raises(ModelError) as raised:
        asker._settle(Event(member, doing, lost, 1.0))
    if ends:
        assert str(raised.value) == (
            f"3 workers in a row ended before they had loaded m, the last before it said where "
            f"({lost.why})"
        )


def test_a_node_whose_llama_cpp_is_slow_is_told_once() -> None:
    asker, told = without_workers(), []
    asker._told = told.append
    asker._handshake = Handshake("llama_cpp", mixed=True)
    opened = Opened(CARD.to_json(), notice="llama.cpp was built without AVX512")
    for host in ("a", "a", "b"):
        member = Member(3, None)
        member.host = host
        asker._settle(Event(member, "open", opened, 1.0))
    assert told == [f"node {host}: llama.cpp was built without AVX512" for host in "ab"]


def test_what_lost_workers_had_is_asked_again_whole_then_in_parts_then_not() -> None:
    asker, tasks = without_workers(), list(tasks_of(ALONE, CARD, bank=BANK))

    def lose(tasks: Sequence[Task], kills: int) -> list[Batch]:
        asker._again.clear()
        member = Member(3, None, "node", tasks=tasks, kills=kills)
        return list(asker._lost(Event(member, "answer", Lost("gone"), 1.0)))

    assert lose(tasks, 0) == []
    assert list(asker._again) == [(tasks, 1)]
    assert lose(tasks, 1) == []
    assert [len(part) for part, _ in asker._again] == [3] * 6 + [2]
    assert [task for part, kills in asker._again for task in part if kills == 0] == tasks
    assert lose(tasks[:1], 0) == []
    [batch] = lose(tasks[:1], 1)
    assert batch.worker == "node-3"
    [row] = batch.rows
    assert row[:3] == (
        tasks[0].key,
        "error",
        "2 workers were lost while they answered it (gone)",
    )
    assert not asker._again
    for _ in range(12):
        lose(tasks, 0)
    with pytest.raises(ModelError, match="17 workers in a row were lost, the last on node node"):
        lose(tasks, 0)


def test_a_model_that_fails_ends_the_run_and_what_it_answered_is_kept(
    cluster: Nodes, tmp_path: Path
) -> None:
    wanted = experiment(cluster, "", items=ITEMS[:12], elicitations=("logprobs",))
    fails = render(ITEMS[7], wanted.conditions[0], bank=BANK).user
    wanted = replace(wanted, models=(name(fails=fails),))
    with pytest.raises(ModelError, match=f"^node {platform.node()}: the model is gone$"):
        ask(wanted, tmp_path / "run", bank=BANK, load=load)
    assert finished(tmp_path / "run").height >= 12
