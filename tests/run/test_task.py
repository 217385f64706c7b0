from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doxa.backend import Answer, ModelCard, request_key
from doxa.backend.template import ChatTemplate
from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.prompt.render import NO_CONTENT
from doxa.questionnaire import QuestionBank
from doxa.run.experiment import Experiment
from doxa.run.task import tasks_of
from doxa.store import Cell
from doxa.survey import sample

if TYPE_CHECKING:
    from doxa.run.task import Task

BANK = QuestionBank.load()
CARD = ModelCard("llama_cpp", "tiny", "ab" * 32, ChatTemplate())
CONDITIONS = (Condition("en", n_examples=2), Condition("ja", "few-shot", "JPN", n_examples=2))


def tasks(
    *elicitations: str,
    items: tuple[str, ...] = ("Q1", "Q57"),
    draws: int = 2,
    card: ModelCard = CARD,
) -> list[Task]:
    settings = ElicitationSettings(draws=draws)
    experiment = Experiment(("m.gguf",), CONDITIONS, items, elicitations, settings)
    return list(tasks_of(experiment, card, bank=BANK, human=sample()))


def test_each_combination_is_a_cell_with_the_key_of_its_request() -> None:
    found = tasks("logprobs", "sampling")
    assert [task.cell[1:3] + task.cell[-2:] for task in found[:3]] == [
        ("Q1", "en", 0, "logprobs"),
        ("Q1", "en", 0, "sampling"),
        ("Q1", "en", 1, "sampling"),
    ]
    assert found[-1].cell == Cell(
        "tiny",
        "Q57",
        "ja",
        "few-shot",
        "JPN",
        "",
        "a",
        "plain",
        "a",
        "listed",
        "numbers",
        "off",
        1,
        "sampling",
    )
    assert len({task.key for task in found}) == len(found) == 2 * 2 * 3
    assert all(task.key == request_key(CARD, task.request) for task in found)
    assert found[0].codes == BANK.items["Q1"].scale.all_codes


def test_a_task_says_what_it_sends_and_which_examples_that_shows() -> None:
    plain, calibrated = tasks("logprobs", "logprobs-calibrated", items=("Q1",))[:2]
    assert plain.sent == (plain.key, plain.request.turn, None, ("Q32", "Q48"))
    for item in plain.examples:
        assert BANK.question(item, "en").text in plain.request.turn.system
    baseline = calibrated.sent.baseline
    assert baseline is not None
    assert NO_CONTENT in baseline.user
    assert BANK.question("Q1", "en").text not in baseline.user
    assert replace(baseline, user=calibrated.request.turn.user) == calibrated.request.turn


def test_a_chat_end_point_is_sent_no_beginning_of_a_reply() -> None:
    [task, *_] = tasks("logprobs-calibrated", items=("Q1",), card=replace(CARD, template=None))
    assert task.request.turn.reply_start
    assert task.sent.turn == replace(task.request.turn, reply_start="")
    assert task.sent.baseline is not None
    assert task.sent.baseline.reply_start == ""


def test_another_attempt_is_another_draw_of_the_same_prompt() -> None:
    first = tasks("sampling", items=("Q1",))[0]
    second = first.again(CARD, ElicitationSettings(draws=2))
    assert (first.attempt, second.attempt) == (0, 1)
    assert second.request.seed != first.request.seed
    assert second.sent == (second.key, first.request.turn, None, first.examples)
    assert second.key != first.key
    experiment = Experiment(
        ("m",), CONDITIONS, ("Q1",), ("sampling",), ElicitationSettings(draws=2)
    )
    [again, *_] = tasks_of(experiment, CARD, bank=BANK, human=sample(), attempts={first.cell: 1})
    assert again == second


def test_an_answer_that_never_came_is_an_error_with_its_reason() -> None:
    task = tasks("logprobs", items=("Q57",))[0]
    assert task.read(Answer("timed out", "error")).reading.status == "error"
    reply = task.read(Answer("1", log_probabilities=(-1.0, -1.0)))
    assert reply.reading.probabilities == {1: 0.5, 2: 0.5}
    assert (reply.request_key, reply.codes) == (task.key, (1, 2))


def test_an_example_is_not_asked() -> None:
    with pytest.raises(ExperimentError, match="item Q48 is shown as an example"):
        tasks("logprobs", items=("Q1", "Q48"))
