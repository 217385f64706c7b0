from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doxa.backend import ModelCard
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, tasks_of
from doxa.run.course import Course

if TYPE_CHECKING:
    from doxa.run.task import Task

BANK = QuestionBank.load()
EXPERIMENT = Experiment(
    ("m.gguf",),
    (Condition("en"), Condition("ja", reasoning="512")),
    ("Q1", "Q2", "Q57"),
    ("logprobs", "sampling"),
    ElicitationSettings(draws=2),
)
TASKS = list(tasks_of(EXPERIMENT, ModelCard("llama_cpp", "m", "ab"), bank=BANK))


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def expecting(tasks: list[Task], models: int = 0) -> Course:
    course = Course()
    course.begin(models=models)
    course.expect(tasks, TASKS)
    return course


def test_what_is_left_is_known_from_the_first_reply_on(clock: Clock) -> None:
    shown = replace(EXPERIMENT, conditions=(Condition("en", n_examples=5),))
    tasks = list(tasks_of(shown, ModelCard("llama_cpp", "m", "ab"), bank=BANK))
    course = expecting(tasks)
    assert course.left() is None
    clock.now = 60.0
    course.came([tasks[0].key])
    left = course.left()
    # the first one took the text that all share with it
    assert left is not None
    assert 0 < left < 60.0 * (len(tasks) - 1) / 2


def test_each_elicitation_has_its_own_pace(clock: Clock) -> None:
    """What is to come of the slow kind is not told from the fast one."""
    tasks = [task for task in TASKS if not task.prompt.condition.thought_tokens]
    seconds = {"logprobs": 1.0, "sampling": 30.0}
    course = expecting(tasks)
    for task in tasks[:3]:
        clock.now += seconds[task.cell.elicitation]
        course.came([task.key])
    left = course.left()
    truly = sum(seconds[task.cell.elicitation] for task in tasks[3:])
    assert left == pytest.approx(truly, rel=0.5)


def test_replies_of_one_moment_share_its_seconds(clock: Clock) -> None:
    one, together = expecting(TASKS), expecting(TASKS)
    clock.now = 10.0
    together.came(task.key for task in TASKS[:6])
    for task in TASKS[:6]:
        one.came([task.key])
    clock.now = 20.0
    one.came(["unknown"])
    assert together.left() is not None
    assert one.left() is not None


def test_what_another_process_asks_takes_no_time_here(clock: Clock) -> None:
    course = expecting(TASKS)
    clock.now = 1.0
    course.came([TASKS[0].key])
    before = course.left()
    course.leave(task.key for task in TASKS[9:])
    after = course.left()
    assert before is not None
    assert after is not None
    assert 0 < after < before
    course.leave(task.key for task in TASKS)
    assert course.left() == 0


def test_models_to_come_are_as_fast_as_this_one(clock: Clock) -> None:
    course, resumed = expecting(TASKS, models=2), expecting(TASKS[9:], models=2)
    clock.now = 5.0
    for one in (course, resumed):
        one.came(task.key for task in TASKS)
    assert course.left() == pytest.approx(2 * 5.0)
    # what was known before is to be asked of the others
    assert (resumed.left() or 0.0) > 2 * 5.0
    course.begin(models=1)
    # of the next model nothing is known yet
    assert course.left() is None
