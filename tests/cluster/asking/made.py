"""Experiments on the cluster of the tests, and what became of them."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
from fake_models import load_slow
from tiny_models import random_model

from doxa.backend import Engine
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Cluster, Experiment
from doxa.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from cluster.conftest import Nodes
    from doxa.cluster.asking.worker import Load

BANK = QuestionBank.load()
ITEMS = tuple(item for item in BANK.items if item != "Q32")


def experiment(nodes: Nodes, model: str, **changes: Any) -> Experiment:
    values: dict[str, Any] = {
        "conditions": (Condition("en", n_examples=0), Condition("ja", n_examples=0)),
        "items": ITEMS[:40],
        "elicitations": ("logprobs", "sampling"),
        "settings": ElicitationSettings(draws=2),
        "cluster": Cluster(nodes.address, patience=20),
        "engine": Engine("openai_server", server="http://nowhere/v1"),
    }
    return Experiment((model,), **{**values, **changes})


def tiny(cluster: Nodes, **changes: Any) -> Experiment:
    return experiment(cluster, str(random_model()), **{"engine": Engine(), **changes})


def finished(path: Path) -> pl.DataFrame:
    with Store.read(path) as store:
        found = store.replies()
        assert store.sent()["request_key"].to_list() == found["request_key"].to_list()
    return found.select(pl.exclude("seconds"))


def by_worker(path: Path) -> Counter[str]:
    with Store.read(path) as store:
        return Counter({work.worker: work.replies for work in store.work()})


def both(folder: Path) -> Load:
    """Load files so that two workers answer."""
    return partial(load_slow, seconds=0.01, meet=folder / "loaded")
