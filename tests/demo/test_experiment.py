from __future__ import annotations

from pathlib import Path

import pytest

from doxa.demo import CONDITIONS, NOTICE, demo_experiment
from doxa.errors import ExperimentError
from doxa.prompt import excluded_items
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment
from doxa.survey import sample

BANK = QuestionBank.load()
HUMAN = sample(wave=7)


def demonstration(n_items: int) -> Experiment:
    return demo_experiment(Path("m.gguf"), n_items=n_items, bank=BANK, human=HUMAN)


def test_a_persona_is_asked_in_its_countrys_language() -> None:
    assert len(set(CONDITIONS)) == len(CONDITIONS) == 7
    for condition in CONDITIONS:
        if condition.steering == "persona":
            assert condition.language in BANK.countries[condition.target].languages
    unsteered = {condition.language for condition in CONDITIONS if condition.steering == "none"}
    assert unsteered == {condition.language for condition in CONDITIONS}


def test_the_items_are_not_examples_and_of_all_topics() -> None:
    experiment = demonstration(40)
    assert experiment.models == ("m.gguf",)
    assert experiment.conditions == CONDITIONS
    assert len(set(experiment.items)) == 40
    assert not set(experiment.items) & excluded_items(CONDITIONS, bank=BANK, human=HUMAN)
    topics = {BANK.items[item].topic for item in experiment.items}
    assert topics == {item.topic for item in BANK.items.values()}


def test_the_experiment_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "demo.toml"
    file.write_text(demonstration(3).to_toml(), encoding="utf-8")
    read = Experiment.from_toml(file, bank=BANK, human=HUMAN)
    assert read.items == demonstration(3).items


def test_more_items_than_there_are() -> None:
    with pytest.raises(ExperimentError, match="items = 144"):
        demonstration(144)


def test_readers_are_told_what_the_model_is() -> None:
    assert "demonstration" in NOTICE
    assert "135 million" in NOTICE
