"""Runs of models that think before they answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
from thinking_templates import FAMILIES
from tiny_models import random_model, thinking_model

from doxa.backend import Engine
from doxa.distribution import model_distributions
from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError, ModelError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import ask
from doxa.run.experiment import Experiment
from doxa.store import Store

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()
THINKING = tuple(Condition("en", n_examples=0, reasoning=budget) for budget in ("off", "4", "40"))


def thinking(model: Path, **changes: object) -> Experiment:
    values: dict[str, object] = {
        "conditions": THINKING,
        "items": ("Q1", "Q57"),
        "elicitations": ("logprobs", "verbalized", "sampling", "sequence"),
        "settings": ElicitationSettings(draws=3),
    }
    return Experiment((str(model),), **values | changes)  # type: ignore[arg-type]


def test_a_model_thinks_up_to_its_budget_and_then_answers(tmp_path: Path) -> None:
    ask(thinking(thinking_model()), tmp_path / "run", bank=BANK)
    with Store.read(tmp_path / "run") as store:
        replies = store.replies()
    asked = dict(replies.group_by("reasoning").len().rows())
    # each elicitation but the sequence has a thought of its own for each draw
    assert asked == {
        "off": 2 * (1 + 1 + 3 + 1),
        "4": 2 * (3 + 3 + 3 + 1),
        "40": 2 * (3 + 3 + 3 + 1),
    }
    ends = set(replies.select("reasoning", "thought_status").unique().rows())
    thought = {(most, end) for most in ("4", "40") for end in ("closed", "cut")}
    assert ends == {("off", "none")} | thought
    for most in (4, 40):
        assert replies.filter(reasoning=str(most))["thought_tokens"].max() == most
    assert replies.filter(pl.col("reasoning") != "off")["thought"].n_unique() > 20
    assert set(replies.filter(elicitation="logprobs")["status"]) == {"ok"}
    found = model_distributions(replies, BANK).filter(elicitation="logprobs")
    counted = dict(found.select("reasoning", "n_replies").unique().rows())
    assert counted == {"off": 1, "4": 3, "40": 3}
    assert found.filter(reasoning="off")["n_drawn"].is_null().all()
    assert (found.filter(pl.col("reasoning") != "off")["n_drawn"] >= 3).all()


def test_thoughts_of_a_run_that_was_stopped_are_those_of_one_that_was_not(tmp_path: Path) -> None:
    asked = thinking(random_model("thinks", chat=FAMILIES["qwen3.5"].source))

    def stop(done: int, total: int, _: float) -> None:
        if done == total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(asked, tmp_path / "stopped", bank=BANK, progress=stop)
    for run_ in ("stopped", "whole"):
        ask(asked, tmp_path / run_, bank=BANK)
    frames = []
    for run_ in ("stopped", "whole"):
        with Store.read(tmp_path / run_) as store:
            frames.append(store.replies().select(pl.exclude("seconds")))
    assert frames[0].equals(frames[1])


def test_one_thought_of_the_likeliest_tokens(tmp_path: Path) -> None:
    settings = ElicitationSettings(draws=3, temperature=0.0)
    asked = thinking(thinking_model(), elicitations=("logprobs",), settings=settings)
    ask(asked, tmp_path / "run", bank=BANK)
    with Store.read(tmp_path / "run") as store:
        assert store.replies()["draw"].to_list() == [0] * 6
    with pytest.raises(ExperimentError, match="temperature = 0 and sampling"):
        thinking(thinking_model(), elicitations=("sampling",), settings=settings)


def test_a_model_without_thoughts_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be asked to think.*leave out --reasoning"):
        ask(thinking(random_model()), tmp_path / "run", bank=BANK)


def test_a_thought_is_replayed(tmp_path: Path) -> None:
    asked = thinking(thinking_model(), elicitations=("logprobs",), conditions=THINKING[1:2])
    ask(asked, tmp_path / "run", bank=BANK)
    engine = Engine("replay", recording=str(tmp_path / "run"))
    again = replace(asked, models=("bigram-thinks",), engine=engine)
    with Store.read(tmp_path / "run") as store:
        [card] = store.cards()
        first = store.replies()
    ask(replace(again, models=(card.model,)), tmp_path / "again", bank=BANK)
    with Store.read(tmp_path / "again") as store:
        assert store.replies()["thought"].equals(first["thought"])
