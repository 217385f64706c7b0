from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from doxa.backend import ModelCard
from doxa.cluster.asking.batch import packed, packed_tasks, unpacked, unpacked_tasks
from doxa.elicit import ElicitationSettings
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, tasks_of
from doxa.store.seal import TABLES, sealed

NUMBERS = {"off_option_mass": st.none() | st.floats(0, 1), "n_draws": st.integers(0, 2**31)}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ROWS = st.tuples(
    *(
        NUMBERS.get(name, st.none() | TEXTS if name == "probabilities" else TEXTS)
        for name in TABLES["replies"].columns
    )
)


@given(st.lists(ROWS, max_size=5))
def test_rows_come_back_to_the_bit(rows: list[tuple[object, ...]]) -> None:
    again = unpacked(packed(rows))
    assert again == rows
    assert [sealed("replies", row) for row in again] == [sealed("replies", row) for row in rows]
    mass = TABLES["replies"].columns.index("off_option_mass")
    for row, other in zip(rows, again, strict=True):
        if row[mass] == 0:
            assert math.copysign(1, row[mass]) == math.copysign(1, other[mass])  # type: ignore[arg-type]


def test_tasks_come_back_and_what_they_share_is_sent_once() -> None:
    experiment = Experiment(
        ("m",), (Condition("en", n_examples=8),), ("Q1", "Q57"), ("sampling", "logprobs"),
        ElicitationSettings(draws=20),
    )  # fmt: skip
    bank, card = QuestionBank.load(), ModelCard("llama_cpp", "m", "ab")
    tasks = tuple(tasks_of(experiment, card, bank=bank))
    block = packed_tasks(tasks)
    assert unpacked_tasks(block) == tasks
    system = tasks[0].request.turn.system.encode()
    assert 1 <= block.count(system[:200]) <= 3  # examples of three forms
    assert len(block) < 4 * len(system) + 500 * len(tasks)
