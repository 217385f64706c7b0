from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from fake_models import name
from processes import marked
from tiny_models import random_model

from doxa.backend import Engine
from doxa.cluster.asking import ask
from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.recorded import store_path
from doxa.run import Cluster, Experiment
from doxa.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from cluster.conftest import Nodes

BANK = QuestionBank.load()


@pytest.mark.parametrize(
    ("engine", "cluster", "said"),
    [
        (Engine("replay", recording="runs/x"), Cluster("local"), "replay them without a cluster"),
        (Engine(), None, "no cluster: say which, such as local"),
    ],
)
def test_what_needs_no_cluster_gets_none(
    tmp_path: Path, engine: Engine, cluster: Cluster | None, said: str
) -> None:
    experiment = Experiment((name(),), (Condition("en"),), ("Q1",), engine=engine, cluster=cluster)
    with pytest.raises(ExperimentError, match=said):
        ask(experiment, tmp_path / "run", bank=BANK)
    assert not list(tmp_path.iterdir())


@pytest.mark.cluster
@pytest.mark.alone
@pytest.mark.parametrize("address", ["local", ""])
def test_ctrl_c_leaves_no_worker_behind(cluster: Nodes, tmp_path: Path, address: str) -> None:
    out, mark = tmp_path / "run", f"MARK{tmp_path}"
    environment = {**os.environ, "MARK": mark}
    if address == "local":  # as without these tests
        del environment["RAY_AUTH_MODE"]
    command = [
        *(sys.executable, "-m", "doxa", "ask", "--model", str(random_model()), "--out", str(out)),
        *(
            "--elicit",
            "sampling",
            "--draws",
            "1000",
            "--questions",
            "10",
            "--examples",
            "0",
            "--fast",
        ),
        *("--cluster", address or cluster.address, "--workers", "2"),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        until_some_replies(out, process)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        printed, said = process.communicate(timeout=30)
        assert time.monotonic() < start + 5
    finally:
        process.kill()
    assert process.returncode == 130
    assert printed == ""
    assert said.splitlines()[-1].startswith("stopped")
    assert "aylet" not in said
    end = time.monotonic() + 20
    while living := [*marked(mark), *working(cluster)]:
        assert time.monotonic() < end, living
        time.sleep(0.1)


def until_some_replies(out: Path, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 240  # Ray takes that long on a busy machine
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.1)
        if store_path(out).exists():
            with Store.read(store_path(out)) as store:
                if len(store.done_keys()) > 20:
                    return
    raise AssertionError(process.communicate(timeout=5))


def working(_: Nodes) -> list[str]:
    from ray._private.state import actors

    return [one["ActorID"] for one in actors().values() if one["State"] != "DEAD"]
