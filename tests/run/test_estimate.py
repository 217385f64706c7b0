from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_models import random_model

from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import ask
from doxa.run.estimate import estimate
from doxa.run.experiment import Experiment
from doxa.store import Store

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


def experiment(*items: str) -> Experiment:
    conditions = (Condition("en", n_examples=2), Condition("es", n_examples=2))
    return Experiment((str(random_model()),), conditions, items)


def test_an_estimate_counts_what_a_run_then_takes(tmp_path: Path) -> None:
    [expected] = estimate(experiment("Q1", "Q42", "Q57", "Q60"), bank=BANK)
    ask(experiment("Q1", "Q42", "Q57", "Q60"), tmp_path / "run", bank=BANK)
    with Store.open(tmp_path / "run") as store:
        replies = store.replies()
    assert (expected.known, expected.missing) == (0, 16)
    assert expected.prompt_tokens == replies["prompt_tokens"].sum()
    assert expected.longest_prompt == replies["prompt_tokens"].max()
    assert expected.evaluated_tokens < expected.prompt_tokens
    assert 0 < expected.seconds < 60


def test_stored_replies_are_not_counted(tmp_path: Path) -> None:
    ask(experiment("Q1"), tmp_path / "run", bank=BANK)
    [half] = estimate(experiment("Q1", "Q2"), tmp_path / "run", bank=BANK)
    assert (half.known, half.missing) == (4, 4)
    [none] = estimate(experiment("Q1"), tmp_path / "run", bank=BANK)
    assert (none.known, none.missing, none.seconds, none.cost) == (4, 0, 0.0, 0.0)


def test_the_errors_of_a_run_are_raised(tmp_path: Path) -> None:
    ask(experiment("Q1"), tmp_path / "run", bank=BANK)
    bare = Experiment((str(random_model()),), (Condition("en", n_examples=0),), ("Q1",))
    with pytest.raises(ExperimentError, match="n_examples = 2 in en"):
        estimate(bare, tmp_path / "run", bank=BANK)


def test_money_is_tokens_times_prices() -> None:
    [expected] = estimate(experiment("Q1"), bank=BANK, prices=(2.0, 8.0))
    assert expected.cost == pytest.approx(
        (2 * expected.prompt_tokens + 8 * expected.completion_tokens) / 1e6
    )
