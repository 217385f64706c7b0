from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from doxa.backend import Engine
from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run.experiment import Experiment
from doxa.run.keys import checked, made, toml_lines

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models = [", "is not TOML"),
        ("languages = ['en']", "no models"),
        ("models = ['m']\ncolour = 'red'", "no key 'colour': there are models, items"),
        ("models = ['m']\nlanguages = 'en'", "languages = 'en': give a list"),
        ("models = ['m']\nitems = 1.5", "items = 1.5: give a whole number or a list"),
        ("models = ['m']\nitems = true", "items = True"),
        ("models = ['m']\ntargets = [1]", "targets = .1.: a text is wanted"),
        ("models = ['m']\nsettings = 3", "settings = 3: give a table"),
        ("models = ['m']\n[settings]\nheat = 1", "settings: no key 'heat'"),
        ("models = ['m']\n[settings]\ntemperature = 'hot'", "temperature = 'hot': give a number"),
        ("models = ['m']\n[settings]\ndraws = true", "settings: draws = True: give a whole number"),
        ("models = ['m']\n[settings]\nverbalized = 1", "verbalized = 1: give a text"),
        ("models = ['m']\n[engine]\nthreads = 'all'", "threads = 'all': give a whole number"),
        ("models = ['m']\n[engine]\nthread = 1", "engine: no key 'thread'"),
        ("models = ['m']\n[engine]\nparallel = 0", "parallel = 0: give a whole number from 1"),
        ("models = ['m']\nwave = 6\n[[conditions]]\nlanguage = 'en'", "wave and conditions"),
        (
            "models = ['m']\n[[conditions]]\nsteering = 'none'",
            "no language: give a text",
        ),
        (
            "models = ['m']\n[[conditions]]\nlanguage = 'en'\nsteering = 'time-9'",
            "does not name its wave",
        ),
    ],
)
def test_invalid_files(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(text)
    with pytest.raises(ExperimentError, match=message) as caught:
        Experiment.from_toml(file, bank=BANK)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_changes_replace_keys_of_the_file_and_of_its_tables(tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text('models = ["a"]\nitems = 3\n[settings]\ndraws = 2\nseed = 5\n')
    changes = {"models": ["b"], "settings": {"draws": 9}, "engine": {"parallel": 2}}
    experiment = Experiment.from_toml(file, bank=BANK, changes=changes)
    assert experiment.models == ("b",)
    assert (experiment.settings.draws, experiment.settings.seed) == (9, 5)
    assert (experiment.engine.parallel, len(experiment.items)) == (2, 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "here: no language: give a text"),
        ({"language": 3}, "here: language = 3: give a text"),
        ({"language": "en", "wave": 6.5}, "here: wave = 6.5: give a whole number"),
        ({"language": "en", "wave": True}, "here: wave = True: give a whole number"),
        ({"language": "en", "mood": "good"}, "here: no key 'mood': there are language, steering"),
    ],
)
def test_a_table_that_does_not_make_a_condition(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        made(Condition, values, "here: ")


def test_a_table_makes_what_it_describes() -> None:
    assert made(Condition, {"language": "ja", "n_examples": 0}, "") == Condition("ja", n_examples=0)
    assert made(Engine, {"threads": 2}, "").threads == 2
    assert made(ElicitationSettings, {"temperature": 2}, "").temperature == 2


def test_what_is_written_is_read_again() -> None:
    engine = Engine("openai_server", parallel=2, server='a "b" \\')
    text = "\n".join(toml_lines(engine))
    assert "threads" not in text
    assert made(Engine, tomllib.loads(text), "") == engine
    assert toml_lines(Condition("ja"), "language", "wave") == ['language = "ja"', "wave = 7"]


def test_keys_of_the_wrong_kind() -> None:
    assert checked({"items": 3, "models": ["m"]}) == {"items": 3, "models": ["m"]}
    with pytest.raises(ExperimentError, match=r"conditions = .*: a table is wanted for each"):
        checked({"conditions": ["en"]})
