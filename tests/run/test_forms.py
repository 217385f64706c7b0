from __future__ import annotations

import tomllib
from typing import Any

import pytest

from doxa.errors import ExperimentError
from doxa.prompt import Condition, Form, form_of
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment
from doxa.run.forms import drawn_forms
from doxa.run.saved import difference, experiment_of

BANK = QuestionBank.load()


def grid(**given: Any) -> Experiment:
    values = {"languages": ["en", "ja"], "items": 9, "elicitations": ["logprobs"], **given}
    return Experiment.from_grid(["m.gguf"], bank=BANK, **values)


def asked(experiment: Experiment) -> dict[tuple[str, str], list[Form]]:
    found: dict[tuple[str, str], list[Form]] = {}
    for one in experiment.combinations():
        found.setdefault((one.condition.language, one.item), []).append(form_of(one.condition))
    return found


@pytest.mark.parametrize(("given", "n"), [
    ({}, 2), ({"forms": 1}, 1), ({"forms": 2}, 2), ({"forms": 3}, 3), ({"forms": 8}, 8),
    ({"templates": ["a", "b"]}, 4), ({"option_orders": ["listed"]}, 1),
    ({"label_styles": ["letters"]}, 2), ({"forms": 2, "templates": ["a", "b"]}, 2),
    ({"surfaces": ["typos", "polite"], "option_orders": ["listed"]}, 2),
])  # fmt: skip
def test_each_item_is_asked_in_as_many_forms(given: dict[str, Any], n: int) -> None:
    experiment = grid(**given)
    found = asked(experiment)
    assert experiment.forms == n
    assert {len(set(forms)) for forms in found.values()} == {n}
    assert experiment.size == 2 * 9 * n == sum(map(len, found.values()))
    for (language, item), forms in found.items():
        assert set(forms) == set(found["en", item]), language


def test_more_forms_and_more_items_keep_those_that_were_asked() -> None:
    few, more = asked(grid(forms=3)), asked(grid(forms=8, items=None))
    assert few.keys() <= more.keys()
    assert all(set(forms) <= set(more[way]) for way, forms in few.items())


def test_a_run_keeps_its_forms_and_the_seed() -> None:
    experiment = grid(forms=4, forms_seed=3)
    text = experiment.to_toml()
    assert "forms_seed = 3" in text
    assert experiment_of({"experiment": text}, "run") == experiment
    assert Experiment.from_table(tomllib.loads(text), bank=BANK) == experiment
    other = grid(forms=4, forms_seed=4)
    assert difference(experiment, other)
    assert difference(experiment, experiment_of({"experiment": text}, "run")) == ""


def test_what_a_language_lacks_is_told_before_anything_is_asked() -> None:
    with pytest.raises(ExperimentError, match="wordings: German has no 'b'"):
        grid(languages=["en", "de"], wordings=["a", "b"])
    with pytest.raises(ExperimentError, match="Japanese has one kind of letter"):
        grid(surfaces=["casing"])
    with pytest.raises(ExperimentError, match=r"forms = 9: Q.* has only 2 that are allowed"):
        grid(forms=9, wordings=["a"], templates=["a"], label_styles=["numbers"])


def test_a_table_of_forms_that_fits_nothing_is_refused() -> None:
    one = {"Q1": ["a plain a listed numbers"]}
    assert drawn_forms(one, ["Q1"]) == ((Form(),),)
    with pytest.raises(ExperimentError, match="drawn has no forms of Q2"):
        drawn_forms(one, ["Q1", "Q2"])
    with pytest.raises(ExperimentError, match=r"Q1 = .*: write its forms as wording, surface"):
        drawn_forms({"Q1": ["a plain"]}, ["Q1"])
    with pytest.raises(ExperimentError, match="forms of 1 items, not of 2"):
        Experiment(("m",), (Condition("en"),), ("Q1", "Q2"), drawn=((Form(),),))
