from __future__ import annotations

from dataclasses import replace

import pytest

from doxa.backend import Engine
from doxa.elicit import ElicitationSettings
from doxa.errors import StoreError
from doxa.prompt import Condition
from doxa.run import Experiment
from doxa.run.saved import difference, experiment_of

ONE = Experiment(
    ("m.gguf", "n.gguf"),
    (Condition("en"), Condition("ja", "persona_few-shot", "JPN", option_order="reversed")),
    ("Q1", "Q2"),
    ("sampling", "logprobs"),
    ElicitationSettings(draws=3, temperature=0.5),
    Engine(threads=2),
)


def test_what_was_noted_is_read_back_without_a_questionnaire() -> None:
    assert experiment_of({"experiment": ONE.to_toml()}, "runs/x") == ONE
    foreign = replace(ONE, items=("an item of another questionnaire",))
    assert experiment_of({"experiment": foreign.to_toml()}, "runs/x") == foreign


@pytest.mark.parametrize(
    ("notes", "says"),
    [
        ({}, "runs/x: nothing has been asked yet: run  doxa ask --out runs/x"),
        ({"experiment": "models = ["}, "runs/x: its experiment cannot be read"),
        ({"experiment": 'models = ["m"]'}, "runs/x: its experiment cannot be read"),
    ],
)
def test_a_store_without_a_readable_experiment_says_so(notes: dict[str, str], says: str) -> None:
    with pytest.raises(StoreError, match=says):
        experiment_of(notes, "runs/x")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"models": ("other",), "engine": Engine(threads=8)}, ""),
        ({"items": ("Q2", "Q1")}, "items: in another order"),
        ({"items": ("Q1", "Q3", "Q4")}, "items: Q2 only in one, Q3, Q4 only in the other"),
        (
            {"items": tuple(f"Q{i}" for i in range(1, 10))},
            "items: Q3, Q4, Q5, Q6, Q7 and 2 more only in the other",
        ),
        ({"elicitations": ("sampling",)}, "elicitations: logprobs only in one"),
        (
            {"conditions": ONE.conditions[:1]},
            "conditions: ja persona_few-shot JPN reversed only in one",
        ),
        ({"conditions": ONE.conditions[::-1]}, "conditions: in another order"),
        (
            {"conditions": tuple(replace(one, wave=6) for one in ONE.conditions)},
            "wave is 7 in one, 6 in the other",
        ),
        (
            {"settings": ElicitationSettings(draws=4, temperature=0.5, seed=1)},
            "draws is 3 in one, 4 in the other; seed is 0 in one, 1 in the other",
        ),
    ],
)
def test_a_difference_is_named(changes: dict[str, object], says: str) -> None:
    assert difference(ONE, replace(ONE, **changes)) == says  # type: ignore[arg-type]
