from __future__ import annotations

import tomllib

import pytest

from doxa.errors import ExperimentError
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment
from doxa.run.personas import expand_personas, steering_of

BANK = QuestionBank.load()
SEXES = ["sex=male", "sex=female"]


def asked(**given: object) -> list[tuple[str, str, str, str]]:
    experiment = Experiment.from_grid(["m"], bank=BANK, items=1, forms=1, **given)  # type: ignore[arg-type]
    return [(one.language, one.steering, one.target, one.group) for one in experiment.conditions]


def test_groups_are_asked_of_each_target_beside_everyone_there_and_no_persona() -> None:
    assert asked(personas=["sex"], targets=["JPN", "USA"]) == [
        ("en", "none", "", ""),
        ("en", "persona", "JPN", ""), *(("en", "persona", "JPN", one) for one in SEXES),
        ("en", "persona", "USA", ""), *(("en", "persona", "USA", one) for one in SEXES),
    ]  # fmt: skip


def test_without_a_target_a_group_is_of_any_country() -> None:
    assert asked(personas=["sex"], languages=["en", "ja"]) == [
        ("en", "none", "", ""), ("ja", "none", "", ""),
        *(("en", "persona", "", one) for one in SEXES),
        *(("ja", "persona", "", one) for one in SEXES),
    ]  # fmt: skip
    assert asked(personas=["sex"], steering=["persona_time-6"])[0] == (
        "en", "persona_time-6", "", "sex=male",
    )  # fmt: skip


def test_own_languages_and_steerings_without_a_target_stay_what_they_are() -> None:
    kinds = ["language_persona", "time-6"]
    found = asked(personas=["sex=male"], steering=kinds, targets=["JPN"])
    assert found == [
        ("ja", "persona", "JPN", ""), ("ja", "persona", "JPN", "sex=male"),
        ("en", "time-6", "", ""),
    ]  # fmt: skip
    given = {"languages": ["en"], "targets": ["JPN"], "groups": SEXES, "bank": BANK}
    assert expand_personas("language", **given) == [("ja", "none", "", "")]  # type: ignore[arg-type]


def test_steerings_are_named_or_follow_from_the_groups() -> None:
    assert steering_of(["few-shot"], SEXES) == ("few-shot",)
    assert asked() == [("en", "none", "", "")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"steering": ["none"]}, "'none' and personas of groups: add persona"),
        ({"steering": ["few-shot"]}, "'few-shot' needs targets"),
        ({"steering": ["language_persona"]}, "'language_persona' needs targets"),
        ({"personas": ["sex=woman"]}, "no sex 'woman'"),
    ],
)
def test_groups_that_nothing_steers_towards_are_told(
    given: dict[str, object], message: str
) -> None:
    with pytest.raises(ExperimentError, match=message):
        asked(**{"personas": ["sex"], **given})


def test_an_experiment_file_names_groups_and_keeps_them() -> None:
    table = {"models": ["m"], "items": ["Q1"], "personas": ["sex x age"], "targets": ["JPN"],
             "forms": 1}  # fmt: skip
    experiment = Experiment.from_table(table, bank=BANK)
    assert len(experiment.conditions) == 8
    again = Experiment.from_table(tomllib.loads(experiment.to_toml()), bank=BANK)
    assert again == experiment
    with pytest.raises(ExperimentError, match="personas and conditions: give one of them"):
        Experiment.from_table(
            {"models": ["m"], "personas": ["sex"], "conditions": [{"language": "en"}]}, bank=BANK
        )
