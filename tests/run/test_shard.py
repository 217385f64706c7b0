from __future__ import annotations

from dataclasses import replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tiny_models import random_model

from doxa.backend import ModelCard
from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, Shard, ask, tasks_of
from doxa.run.blocks import work
from doxa.run.estimate import estimate
from doxa.run.parts import gaps
from doxa.store import Store
from doxa.survey import sample

from .quick import quick

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
HUMAN = sample()
ITEMS = tuple(item for item in BANK.items if item not in {"Q32", "Q48"})[:30]
CONDITIONS = (
    Condition("en", n_examples=2),
    Condition("ja", "few-shot", "JPN", n_examples=2),
    Condition("zh", n_examples=2),
)
EXPERIMENT = Experiment(
    ("alpha", "beta"),
    CONDITIONS,
    tuple(item for item in ITEMS if item in BANK.items_for("zh")),
    ("logprobs", "verbalized", "sampling"),  # in English and Chinese, two forms of examples
    ElicitationSettings(draws=2),
)


@pytest.mark.parametrize(
    "text", ["", "3", "0/4", "5/4", "3/0", "-1/4", "1/4/2", "a/b", "1/9999999"]
)
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ExperimentError, match="write which part and of how many"):
        Shard.parse(text)
    assert Shard.parse(" 4/4 ") == Shard(4, 4)


@pytest.mark.parametrize("n", [1, 2, 7, 16, 90])
def test_shards_are_all_of_the_experiment_in_order_and_even(n: int) -> None:
    parts = [Shard(i + 1, n).takes(EXPERIMENT, bank=BANK, human=HUMAN) for i in range(n)]
    pairs = [(condition, item) for condition in CONDITIONS for item in EXPERIMENT.items]
    assert [pair for part in parts for pair in pairs if pair in part] == pairs
    assert sum(map(len, parts)) == len(pairs)
    card = ModelCard("llama_cpp", "m", "ab")
    costs = [
        sum(
            work(task.request for task in together)
            for _, together in groupby(
                tasks_of(EXPERIMENT, card, bank=BANK, human=HUMAN, only=part),
                key=lambda task: task.prompt.condition,
            )
        )
        for part in parts
    ]
    # each shard evaluates the start of its conditions once, so n shards are a little more work
    if n < 16:
        assert max(costs) < 1.25 * min(costs)


def test_too_many_shards_are_refused() -> None:
    with pytest.raises(ExperimentError, match=r"--shard 1/91: 3 conditions of 30 items make 90"):
        Shard(1, 91).takes(EXPERIMENT, bank=BANK, human=HUMAN)


SMALL = Experiment(
    ("alpha", "beta"),
    (Condition("en", n_examples=0), Condition("ja", n_examples=0)),
    ("Q1", "Q57", "Q164"),
    ("logprobs", "sampling"),
    ElicitationSettings(draws=2),
)


def ask_quickly(
    file: Path, shard: Shard | None, experiment: Experiment = SMALL, **options: Any
) -> None:
    ask(experiment, file, bank=BANK, shard=shard, askers=quick(experiment), **options)


def cells(path: Path) -> set[tuple[object, ...]]:
    with Store.read(path) as store:
        columns = ("model", "question", "language", "elicitation", "draw")
        return set(store.replies().select(columns).rows())


def test_shards_ask_everything_once_and_go_on_where_they_stopped(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def interrupt(done: int, total: int, seconds: float) -> None:  # noqa: ARG001
        seen.append((done, total))
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_quickly(tmp_path / "1", Shard(1, 4), progress=interrupt)
    for i in range(4):
        shard = Shard(i + 1, 4)
        totals: list[int] = []
        ask_quickly(
            tmp_path / str(i + 1),
            shard,
            progress=lambda _, total, __: totals.append(total),  # noqa: B023
        )
        with Store.read(tmp_path / str(i + 1)) as store:
            assert set(totals) == {store.replies().height}
            assert gaps(store.metadata)[0].startswith(f"this is shard {i + 1} of 4")
    parts = [cells(tmp_path / str(i + 1)) for i in range(4)]
    assert sum(map(len, parts)) == len(set(chain.from_iterable(parts))) == 2 * 2 * 3 * 3


def test_a_shard_is_estimated_and_asked_like_the_whole(tmp_path: Path) -> None:
    one = replace(SMALL, models=(str(random_model()),))
    [expected] = estimate(one, bank=BANK, shard=Shard(2, 3))
    ask(one, tmp_path / "whole", bank=BANK)
    ask(one, tmp_path / "2", bank=BANK, shard=Shard(2, 3))
    with Store.read(tmp_path / "whole") as store:
        whole = store.replies()
    with Store.read(tmp_path / "2") as store:
        part = store.replies()
    untimed = pl.exclude("seconds")
    same = whole.filter(pl.col("request_key").is_in(part["request_key"].implode()))
    assert part.height == expected.missing == 6
    assert same.select(untimed).equals(part.select(untimed))
    [left] = estimate(one, tmp_path / "2", bank=BANK, shard=Shard(2, 3))
    assert (left.known, left.missing) == (6, 0)


def test_a_folder_holds_one_shard_of_one_experiment(tmp_path: Path) -> None:
    ask_quickly(tmp_path / "1", Shard(1, 2))
    ask_quickly(tmp_path / "whole", None)
    before = (tmp_path / "1").read_bytes()
    other = replace(SMALL, items=("Q1",))
    for experiment, file, shard, says in (
        (SMALL, "1", Shard(2, 2), "1 holds shard 1/2 of an experiment: this is shard 2/2, or"),
        (SMALL, "1", Shard(1, 3), "1 holds shard 1/2 of an experiment: this is shard 1/3, or"),
        (SMALL, "1", None, "1 holds shard 1/2 of an experiment: add  --shard 1/2  to go on"),
        (SMALL, "whole", Shard(1, 2), "whole holds a run that is no shard: this is shard 1/2, or"),
        (other, "1", Shard(1, 2), r"shard 1/2 of another experiment \(items: Q57, Q164 only in"),
    ):
        with pytest.raises(ExperimentError, match=says):
            ask_quickly(tmp_path / file, shard, experiment)
        with pytest.raises(ExperimentError, match=says):
            estimate(experiment, tmp_path / file, bank=BANK, shard=shard)
    assert (tmp_path / "1").read_bytes() == before
