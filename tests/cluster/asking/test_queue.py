from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import ModelCard
from doxa.cluster.asking.queue import Queue
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition, excluded_items
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, tasks_of

BANK = QuestionBank.load()
CONDITIONS = tuple(Condition("en", "persona", target, n_examples=0) for target in ("JPN", "USA"))
EXPERIMENT = Experiment(
    ("m",),
    (*CONDITIONS, Condition("en", n_examples=0)),
    tuple(list(BANK.items)[:10]),
    ("logprobs", "sampling"),
    ElicitationSettings(draws=2),
)
TASKS = list(tasks_of(EXPERIMENT, ModelCard("llama_cpp", "m", "ab"), bank=BANK))
SHOWN = excluded_items([Condition("en", n_examples=8)], bank=BANK)
LONG = tuple(item for item in BANK.items if item not in SHOWN)[:60]
PLACES = {task.key: place for place, task in enumerate(TASKS)}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 20), st.booleans())))
def test_each_task_is_given_once_in_blocks_of_neighbours_of_a_condition(
    takes: list[tuple[int, int, bool]],
) -> None:
    queue, given_out = Queue(TASKS), []
    for worker, size, goes in [*takes, *[(worker, 7, False) for worker in (0, 1, 2, 3, 4, 9)] * 30]:
        block = queue.take(worker, size)
        given_out += block
        assert len({task.prompt.condition for task in block}) <= 1
        assert len(block) <= max(2 * size, size + 2)
        positions = [PLACES[task.key] for task in block]
        assert positions == list(range(positions[0], positions[-1] + 1)) if block else True
        assert len(queue) == len(TASKS) - len(given_out)
        if goes:
            queue.left_by(worker)
    assert not queue
    assert sorted(PLACES[task.key] for task in given_out) == list(range(len(TASKS)))


def asked(queue: Queue, worker: int, size: int) -> tuple[str, list[str]]:
    block = queue.take(worker, size)
    return block[0].cell.target, list(dict.fromkeys(task.cell.question for task in block))


def test_the_longest_goes_first_and_idle_workers_take_from_the_end() -> None:
    queue, items = Queue(TASKS), list(EXPERIMENT.items)
    first, second = asked(queue, 1, 6), asked(queue, 2, 3)
    assert {first[0], second[0]} == {"JPN", "USA"}  # a persona's prompts are longer
    assert first[1] == items[:2]
    assert asked(queue, 3, 27)[0] == ""
    assert asked(queue, 1, 3) == (first[0], items[2:3])
    assert asked(queue, 3, 3)[1] == items[9:]
    # nobody is left to begin with: from the end of the longest
    assert asked(queue, 3, 6) == (second[0], items[8:])
    assert asked(queue, 3, 6) == (second[0], items[6:8])
    queue.left_by(1)
    assert asked(queue, 4, 3) == (first[0], items[3:4])


def test_help_is_refused_where_the_start_takes_longer_than_what_is_left() -> None:
    long = replace(
        EXPERIMENT,
        items=LONG[:10],
        conditions=(Condition("en", n_examples=8),),
        elicitations=("logprobs",),
    )
    tasks = list(tasks_of(long, ModelCard("llama_cpp", "m", "ab"), bank=BANK))
    queue = Queue(tasks)
    assert queue.take(1, 7) == tasks[:7]
    assert queue.take(2, 1) == []
    assert len(queue) == 3
    # unless nobody is left to do it, or the start has been evaluated before
    queue.left_by(1)
    assert queue.take(2, 1) == tasks[7:8]
    more = Queue(list(tasks_of(replace(long, items=LONG), ModelCard("m", "m", "m"), bank=BANK)))
    more.take(1, 1)
    for _ in LONG[1:]:
        assert len(more.take(2, 1)) == 1
    assert not more


def test_an_item_with_many_draws_is_taken_in_parts() -> None:
    queue = Queue(TASKS[:6])
    first = queue.take(1, 1)
    assert first == TASKS[:1]
    assert queue.take(2, 1) == TASKS[5:6]
    assert queue.take(1, 1) == TASKS[1:3]
    assert queue.take(1, 1) == TASKS[3:5]
    assert not queue


def test_nothing_is_left_of_nothing() -> None:
    assert not Queue([])
    assert Queue([]).take(1, 5) == []
