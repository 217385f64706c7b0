from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from doxa.demo import CONDITIONS, COUNTRIES, ELICITATIONS, demo_experiment
from doxa.errors import ExperimentError
from doxa.prompt import excluded_items
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment
from doxa.survey import world

BANK = QuestionBank.load()
HUMAN = world(wave=7)


def demonstration(n_items: int) -> Experiment:
    return demo_experiment(Path("m.gguf"), n_items=n_items, bank=BANK, human=HUMAN)


def test_each_language_has_a_country_that_speaks_it() -> None:
    assert len(set(COUNTRIES.values())) == len(COUNTRIES) == 5
    for language, country in COUNTRIES.items():
        assert language in BANK.countries[country].languages
        assert country in set(HUMAN["country"])
    unsteered = {condition.language for condition in CONDITIONS if condition.steering == "none"}
    assert unsteered == set(COUNTRIES)
    for condition in CONDITIONS:
        if condition.steering == "persona":
            assert condition.target == COUNTRIES[condition.language]


def test_everything_is_asked_in_both_orders() -> None:
    assert len(set(CONDITIONS)) == len(CONDITIONS) == 14
    listed, turned = (
        {replace(one, option_order="listed") for one in CONDITIONS if one.option_order == order}
        for order in ("listed", "reversed")
    )
    assert listed == turned


def test_the_items_are_of_most_topics() -> None:
    experiment = demonstration(24)
    assert experiment.models == ("m.gguf",)
    assert experiment.conditions == CONDITIONS
    assert experiment.elicitations == ELICITATIONS
    assert len(set(experiment.items)) == 24
    assert excluded_items(CONDITIONS, bank=BANK, human=HUMAN) == set()
    small = {"well-being", "political-participation"}  # two items each
    topics = {BANK.items[item].topic for item in experiment.items}
    assert topics == {item.topic for item in BANK.items.values()} - small


def test_the_experiment_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "demo.toml"
    file.write_text(demonstration(3).to_toml(), encoding="utf-8")
    read = Experiment.from_toml(file, bank=BANK, human=HUMAN)
    assert read.items == demonstration(3).items


def test_more_items_than_there_are() -> None:
    with pytest.raises(ExperimentError, match="give 1 to 144"):
        demonstration(145)
