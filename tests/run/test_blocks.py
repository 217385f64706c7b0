from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import ModelCard, Request, Turn
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, tasks_of
from doxa.run.blocks import cut, shares, work, works

BANK = QuestionBank.load()
CONDITIONS = (Condition("en", n_examples=0), Condition("en", "persona", "JPN", n_examples=0))
EXPERIMENT = Experiment(
    ("m.gguf",),
    CONDITIONS,
    ("Q1", "Q2", "Q57", "Q164", "Q42"),
    ("logprobs", "sampling"),
    ElicitationSettings(draws=2),
)
TASKS = [
    task
    for model in ("a", "b")
    for task in tasks_of(EXPERIMENT, ModelCard("llama_cpp", model, "ab"), bank=BANK)
]


@given(st.integers(1, 7), st.sets(st.integers(0, len(TASKS) - 1)))
def test_every_task_is_in_one_block_of_its_model_and_condition(size: int, left: set[int]) -> None:
    tasks = [task for position, task in enumerate(TASKS) if position not in left]
    blocks = list(cut(tasks, size))
    assert list(chain.from_iterable(block.tasks for block in blocks)) == tasks
    for block in blocks:
        assert {task.cell.model for task in block.tasks} == {block.model}
        assert {task.prompt.condition for task in block.tasks} == {block.condition}
        assert 1 <= len(block.items) <= size
    assert list(cut(iter(tasks), size)) == blocks


def test_a_block_has_all_tasks_of_its_items_and_is_no_smaller_than_it_must_be() -> None:
    sizes = [(block.model, block.condition.steering, len(block.items)) for block in cut(TASKS, 2)]
    assert sizes == [
        (model, steering, n)
        for model in ("a", "b")
        for steering in ("none", "persona")
        for n in (2, 2, 1)
    ]
    assert [len(block.tasks) for block in cut(TASKS, 5)] == [15, 15, 15, 15]
    assert not list(cut([], 3))


def test_a_block_without_items_is_refused() -> None:
    with pytest.raises(ValueError, match="size = 0: a block has at least one item"):
        list(cut(TASKS, 0))


def test_what_prompts_share_is_work_once() -> None:
    turn = Turn("s" * 400, "u" * 40, "a" * 4)
    options = Request(turn, "options", ("1", "2"))
    alone = work([options])
    assert alone == 100 + 10 + 1 + 8 * 2
    draws = [Request(turn, "text", max_tokens=3, temperature=1, seed=seed) for seed in range(2)]
    assert work([options, *draws]) == alone + 2 * 8 * 3
    other = replace(options, turn=replace(turn, user="v" * 40))
    assert work([options, other]) == alone + 10 + 1 + 8 * 2
    calibrated = replace(options, baseline=replace(turn, user="N/A "))
    assert work([calibrated]) == alone + 1 + 1
    assert work([Request(turn, "shares", ("1", "2"))]) == 100 + 10 + 1 + 8 * 10
    # a text of another script is as long as its bytes, not its characters
    assert work([replace(options, turn=replace(turn, user="\u8a9e" * 40))]) == alone + 20


def test_the_work_of_each_is_what_it_adds() -> None:
    requests = [task.request for task in TASKS]
    each = list(works(requests))
    assert sum(each) == work(requests)
    assert [sum(each[:n]) for n in range(9)] == [work(requests[:n]) for n in range(9)]


def test_longer_blocks_are_more_work() -> None:
    short, long = next(cut(TASKS, 1)), next(cut(TASKS, 5))
    assert 0 < short.work < long.work < 5 * short.work


@given(st.lists(st.floats(0.5, 50), max_size=40), st.integers(1, 20))
def test_shares_are_even_and_whole(costs: list[float], n: int) -> None:
    found = shares(costs, n)
    assert len(found) == n
    assert list(chain.from_iterable(found)) == list(range(len(costs)))
    most = sum(costs) / n + max(costs, default=0.0)
    for share in found:
        assert sum(costs[position] for position in share) <= most * (1 + 1e-9)
        assert len(share) > 0 or len(costs) < n
