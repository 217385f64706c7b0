from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doxa.errors import ExperimentError, StoreError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, Shard, ask
from doxa.run.together import Together
from doxa.store import Store

from .quick import quick

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
EXPERIMENT = Experiment(
    ("/node1/alpha.gguf",), (Condition("en", n_examples=0),), ("Q1", "Q57"), ("logprobs",)
)


def asked(file: Path, experiment: Experiment, shard: Shard | None = None) -> Path:
    ask(experiment, file, bank=BANK, askers=quick(experiment), shard=shard)
    return file


def test_runs_that_belong_together_are_one_experiment(tmp_path: Path) -> None:
    beta = replace(EXPERIMENT, models=("beta.gguf",))
    with closing(Together()) as together:
        for name, experiment, shard in (
            ("b", beta, None),
            ("a2", EXPERIMENT, Shard(2, 2)),
            ("a1", EXPERIMENT, Shard(1, 2)),
        ):
            file = asked(tmp_path / name, experiment, shard)
            with Store.read(file) as store:
                source = together.add(file, store)
            assert (source.file, source.number) == (file, shard.number if shard else 0)
            assert source.cells == source.replies == (1 if shard else 2)
        assert together.experiment.models == ("beta.gguf", "/node1/alpha.gguf")
        assert together.models == ["beta.gguf", "/node1/alpha.gguf"]
        assert together.parts.missing() == []


def test_a_model_file_in_another_folder_is_the_same_model(tmp_path: Path) -> None:
    with closing(Together()) as together:
        for number, path in enumerate(("/node1/alpha.gguf", "/node2/alpha.gguf")):
            experiment = replace(EXPERIMENT, models=(path,))
            file = tmp_path / str(number)
            ask(experiment, file, bank=BANK, askers=quick(EXPERIMENT))
            with Store.read(file) as store:
                together.add(file, store)
        assert together.experiment.models == ("/node1/alpha.gguf",)


def test_a_run_that_asked_nothing_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path / "empty").close()
    with (
        closing(Together()) as together,
        Store.read(tmp_path / "empty") as store,
        pytest.raises(StoreError, match="nothing has been asked yet"),
    ):
        together.add(tmp_path / "empty", store)


def test_the_two_runs_that_differ_are_named(tmp_path: Path) -> None:
    one = asked(tmp_path / "one", EXPERIMENT)
    two = asked(tmp_path / "two", replace(EXPERIMENT, items=("Q1",)))
    with closing(Together()) as together:
        with Store.read(one) as store:
            together.add(one, store)
        with (
            Store.read(two) as store,
            pytest.raises(
                ExperimentError, match=r"one and .*two are .* \(items: Q57 only in one\)"
            ),
        ):
            together.add(two, store)
