"""What a worker needs before it may answer: the model, from wherever a node gets it; versions."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
import pytest
from fake_models import load, load_slow, name
from tiny_models import random_model

from cluster.conftest import KEPT
from doxa.backend import Engine
from doxa.cluster.asking import ask
from doxa.errors import ModelError
from doxa.run import Cluster
from doxa.run import ask as ask_here
from doxa.store import Store
from doxa.store.seal import TABLES

from .made import BANK, ITEMS, both, by_worker, experiment, finished, tiny

if TYPE_CHECKING:
    from pathlib import Path

    from cluster.conftest import Nodes

pytestmark = [pytest.mark.cluster, pytest.mark.alone]


def test_a_model_that_a_node_cannot_load_ends_the_run_at_once(
    cluster: Nodes, tmp_path: Path
) -> None:
    wanted = experiment(cluster, name(seconds=1, bad="two"))
    said = f"node {platform.node()}: model fake.gguf cannot be loaded: it is damaged"
    with pytest.raises(ModelError) as raised:
        ask(wanted, tmp_path / "run", bank=BANK, load=load)
    assert str(raised.value) == said


def test_other_versions_are_refused_or_recorded(cluster: Nodes, tmp_path: Path) -> None:
    for package in ("doxa", "llama_cpp_python"):
        about = tmp_path / "other" / f"{package}-0.0.1.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.0.1\n")
    other = cluster.add("other", tmp_path / "other")
    try:
        wanted = tiny(cluster, items=ITEMS[:20])
        with pytest.raises(ModelError, match=r"node \S+ has doxa 0.0.1, \S+ has 0.1.0: install"):
            ask(wanted, tmp_path / "run", bank=BANK)
        mixed = replace(wanted, cluster=Cluster(cluster.address, mixed=True))
        ask(mixed, tmp_path / "run", bank=BANK, load=partial(load_slow, seconds=0.02))
    finally:
        cluster.remove(other)
    with Store.read(tmp_path / "run") as store:
        position = TABLES["replies"].columns.index("versions")
        recorded = Counter(row[position] for row in store.rows("replies"))
    assert len(recorded) == 2
    assert sum(recorded.values()) == wanted.size


def test_a_file_that_nodes_lack_is_fetched(
    cluster: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a path that leads to the file in this process alone
    shutil.copy(random_model(), tmp_path / "only-here.gguf")
    monkeypatch.chdir(tmp_path)
    model = "/proc/self/cwd/only-here.gguf"
    wanted = experiment(cluster, model, engine=Engine(), items=ITEMS[:12])
    ask(wanted, tmp_path / "run", bank=BANK, load=both(tmp_path))
    ask_here(wanted, tmp_path / "here", bank=BANK)
    assert finished(tmp_path / "run").equals(finished(tmp_path / "here"))
    assert len(by_worker(tmp_path / "run")) == 2
    [kept] = KEPT.glob("doxa/models/*/*")
    assert kept.read_bytes() == random_model().read_bytes()
    assert not [file for file in KEPT.glob("doxa/models/*") if file.name.startswith(".")]


def test_each_node_brings_a_model_of_the_hub_by_itself(
    cluster: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = random_model().read_bytes()
    cluster.hub.add("me/tiny", {"tiny.gguf": content})
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    wanted = experiment(cluster, "hf:me/tiny", engine=Engine(), items=ITEMS[:12])
    ask(wanted, tmp_path / "run", bank=BANK, load=both(tmp_path))
    workers = by_worker(tmp_path / "run")
    assert len(workers) == 2
    assert sum(workers.values()) == wanted.size
    for node in ("one", "two"):
        # the hub's own layout, in which a file is a link to its content
        [kept] = KEPT.glob(f"hub-{node}/hub/models--me--tiny/snapshots/*/tiny.gguf")
        assert kept.read_bytes() == content
    assert not (tmp_path / "cache").exists()
    with Store.read(tmp_path / "run") as store:
        [card] = store.cards()
    assert card.fingerprint == hashlib.sha256(content).hexdigest()
    assert card.origin["repository"] == "me/tiny"
    # the same replies as from the file; keys do not depend on where it comes from
    here = replace(wanted, models=(str(random_model()),))
    ask_here(here, tmp_path / "here", bank=BANK)
    other = pl.exclude("model")
    assert (
        finished(tmp_path / "run").select(other).equals(finished(tmp_path / "here").select(other))
    )
