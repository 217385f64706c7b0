from __future__ import annotations

from typing import Any

import pytest

from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Cluster, Experiment

BANK = QuestionBank.load()
TABLE = {"models": ["m.gguf"], "items": ["Q1"]}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"address": " "}, "cluster address ' ': give local, auto, or host and port"),
        ({"address": "ray://head:10001"}, "start the run on a machine of the cluster"),
        ({"workers": 0}, "workers = 0: give a number from 1 to 100000"),
        ({"gpus_per_worker": -0.5}, "gpus_per_worker = -0.5: give a number from 0"),
        ({"cpus_per_worker": 0}, "cpus_per_worker = 0: give a number from 1"),
        ({"patience": 0.0}, "patience = 0.0: give seconds above 0"),
    ],
)
def test_impossible_values_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ExperimentError) as raised:
        Cluster(**{"address": "local", **values})
    assert said in str(raised.value)


def test_an_experiment_file_may_name_the_cluster_and_a_run_does_not_keep_it() -> None:
    table = TABLE | {"cluster": {"address": "head:6379", "gpus_per_worker": 0.5, "mixed": True}}
    experiment = Experiment.from_table(table, bank=BANK, changes={"cluster": {"workers": 3}})
    assert experiment.cluster == Cluster("head:6379", workers=3, gpus_per_worker=0.5, mixed=True)
    assert experiment == Experiment.from_table(TABLE, bank=BANK)
    assert experiment.to_toml() == Experiment.from_table(TABLE, bank=BANK).to_toml()
    assert Experiment(("m.gguf",), (Condition("en"),), ("Q1",)).cluster is None


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        ({"workers": 2}, "cluster: no address: give a text"),
        ({"address": "local", "mixed": "yes"}, "cluster: mixed = 'yes': give true or false"),
        ({"address": "local", "workers": True}, "cluster: workers = True: give a whole number"),
        ({"address": "local", "nodes": 2}, "cluster: no key 'nodes': there are address, workers"),
    ],
)
def test_a_wrong_table_is_told(cluster: dict[str, Any], said: str) -> None:
    with pytest.raises(ExperimentError) as raised:
        Experiment.from_table(TABLE | {"cluster": cluster}, bank=BANK)
    assert str(raised.value).startswith(said)
