from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import ModelCard
from doxa.cluster.asking.queue import Queue
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
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
PLACES = {task.key: place for place, task in enumerate(TASKS)}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 20), st.booleans())))
def test_each_task_is_given_once_in_blocks_of_neighbours_of_a_condition(
    takes: list[tuple[int, int, bool]],
) -> None:
    queue, given_out = Queue(TASKS), []
    for worker, size, goes in [*takes, *[(9, 7, False)] * 99]:
        block = queue.take(worker, size)
        given_out += block
        assert len({task.prompt.condition for task in block}) <= 1
        assert len(block) <= max(2 * size, size + 2)
        positions = [PLACES[task.key] for task in block]
        assert positions == list(range(positions[0], positions[-1] + 1)) if block else not queue
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
    assert asked(queue, 3, 6) == (first[0], items[8:])
    queue.left_by(1)
    assert asked(queue, 4, 3) == (first[0], items[3:4])


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
