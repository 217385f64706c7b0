from __future__ import annotations

import pytest

from doxa.elicit import ELICITATIONS
from doxa.prompt import LABELS, Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment
from doxa.run.combination import alike_elicitations
from doxa.run.merge import _positions
from doxa.store import Cell

BANK = QuestionBank.load()


def test_elicitations_whose_examples_differ_are_asked_apart() -> None:
    names = tuple(ELICITATIONS)
    assert alike_elicitations(names, Condition("en", n_examples=0)) == [names]
    apart = alike_elicitations(names, Condition("en", n_examples=1))
    assert len(apart) == 3
    assert sorted(name for alike in apart for name in alike) == sorted(names)


@pytest.mark.parametrize("n_examples", [0, 2])
@pytest.mark.parametrize("forms", [None, 5])
def test_the_places_of_merged_cells_are_in_the_order_of_the_combinations(
    n_examples: int, forms: int | None
) -> None:
    experiment = Experiment.from_grid(
        ["a.gguf", "b.gguf"], bank=BANK, languages=["en", "ja"], items=7, forms=forms,
        n_examples=n_examples, elicitations=["logprobs", "verbalized", "sampling"],
    )  # fmt: skip
    place = _positions(experiment, ["a", "b"])
    cells = [
        Cell(
            model=model, question=one.item, draw=one.draw, elicitation=one.elicitation,
            **{name: getattr(one.condition, name) for name in LABELS},
        )
        for model in ("a", "b")
        for one in experiment.combinations()
    ]  # fmt: skip
    assert [place(cell) for cell in cells] == list(range(1, 2 * experiment.size + 1))
    assert place(cells[0]._replace(option_order="seed:9")) is None
