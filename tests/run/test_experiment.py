from __future__ import annotations

import tomllib
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from doxa.backend import Engine
from doxa.elicit import ElicitationSettings
from doxa.errors import ExperimentError
from doxa.prompt import Condition
from doxa.questionnaire import QuestionBank
from doxa.run import Experiment, ask, estimate
from doxa.run.task import prompts_of
from doxa.survey import sample

if TYPE_CHECKING:
    from pathlib import Path

BANK = QuestionBank.load()


def grid(**changes: Any) -> Experiment:
    values: dict[str, Any] = {"bank": BANK, "items": ["Q1", "Q2"], "languages": ["en"]}
    return Experiment.from_grid(["m.gguf"], **{**values, **changes})


def test_names_that_mean_the_same_are_asked_once() -> None:
    experiment = grid(languages=["ja"], steering=["none", "language"], targets=["JPN"])
    assert experiment.conditions == (
        Condition("ja"),
        Condition("ja", option_order="reversed"),
    )


def test_combinations_go_by_condition_item_elicitation_draw() -> None:
    experiment = grid(
        languages=["en", "ja"],
        elicitations=["sampling", "logprobs"],
        settings=ElicitationSettings(draws=2),
        forms=1,
    )
    cells = [
        (c.condition.language, c.item, c.elicitation, c.draw) for c in experiment.combinations()
    ]
    item = [("sampling", 0), ("sampling", 1), ("logprobs", 0)]
    assert cells == [(la, q, *rest) for la in ("en", "ja") for q in ("Q1", "Q2") for rest in item]


def test_peoples_answers_may_stand_beside_prompts_without_examples() -> None:
    experiment = grid(
        steering=["none", "few-shot"], targets=["JPN"], items=None, human=sample(wave=7), forms=1
    )
    assert [condition.n_examples for condition in experiment.conditions] == [0, 5]
    assert not {"Q32", "Q48", "Q83", "Q110", "Q163"} & {*experiment.items}
    again = Experiment.from_table(tomllib.loads(experiment.to_toml()), bank=BANK, human=sample())
    assert again == experiment
    told = grid(steering=["none", "few-shot"], targets=["JPN"], human=sample(), n_examples=2,
                forms=1)  # fmt: skip
    assert [condition.n_examples for condition in told.conditions] == [2, 2]


@pytest.mark.parametrize(("steering", "turns"), [("none", 2), ("few-shot", 1)])
def test_what_items_share_is_evaluated_once_for_each_form(steering: str, turns: int) -> None:
    experiment = grid(
        steering=[steering],
        targets=["JPN"] if steering == "few-shot" else [],
        human=sample(),
        elicitations=["logprobs", "verbalized", "sampling"],
        n_examples=2,
        forms=1,
    )
    asked = list(prompts_of(experiment, bank=BANK, human=sample()))
    assert len(asked) == experiment.size == len({one for one, *_ in asked})
    openings = [prompt.opening(one.elicitation) for one, prompt, _ in asked]
    assert 1 + sum(a != b for a, b in pairwise(openings)) == turns


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"languages": ["xx"]}, "no language 'xx'"),
        ({"languages": []}, "no conditions"),
        ({"steering": ["persona"]}, "needs targets"),
        ({"steering": ["hypnosis"]}, "no part 'hypnosis'"),
        ({"steering": ["language_hypnosis"], "targets": ["JPN"]}, "no part 'hypnosis'"),
        ({"steering": ["language"], "targets": ["XXX"]}, "no country 'XXX'"),
        ({"steering": ["language"], "targets": ["FIN"]}, "none of the languages of Finland"),
        ({"steering": ["few-shot"], "targets": ["JPN"]}, "give the human counts"),
        ({"items": ["Q0"]}, "no item 'Q0'"),
        ({"items": ["Q1", "Q1"]}, "items: Q1 is there twice"),
        ({"items": ["Q32"], "n_examples": 1}, "Q32 is shown as an example"),
        ({"items": 0}, "items = 0"),
        ({"items": 1000}, "items = 1000"),
        ({"elicitations": ["guess"]}, "no elicitation 'guess'"),
        ({"elicitations": []}, "no elicitations"),
        ({"option_orders": ["shuffled"]}, "no option order"),
    ],
)
def test_mistakes_are_told_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ExperimentError, match=message) as caught:
        grid(**changes)
    assert "\n" not in str(caught.value)


def test_models_are_told_apart_by_their_file_names() -> None:
    with pytest.raises(ExperimentError, match="two models have the same file name"):
        Experiment(("a/m.gguf", "b/m.gguf"), (Condition("en"),), ("Q1",))


def test_conditions_of_one_run_have_the_same_form() -> None:
    conditions = (Condition("en", n_examples=0), Condition("ja", n_examples=5))
    with pytest.raises(ExperimentError, match="differ in n_examples"):
        Experiment(("m.gguf",), conditions, ("Q1",))


def test_an_experiment_survives_its_file(tmp_path: Path) -> None:
    experiment = grid(
        languages=["en", "es"],
        steering=["none", "language_few-shot"],
        targets=["JPN"],
        option_orders=["listed", "seed:3"],
        settings=ElicitationSettings(verbalized="free", seed=7, temperature=0.5),
        human=sample(),
        engine=Engine(parallel=4, threads=2),
    )
    file = tmp_path / "experiment.toml"
    file.write_text(experiment.to_toml(), encoding="utf-8")
    read = Experiment.from_toml(file, bank=BANK, human=sample())
    assert read.models == (str(tmp_path / "m.gguf"),)
    assert replace(read, models=experiment.models) == experiment
    assert list(read.combinations()) == list(experiment.combinations())


def test_a_file_may_name_a_grid(tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(
        'models = ["a.gguf", "/b.gguf"]\nlanguages = ["ja"]\nitems = 3\n'
        'steering = ["none", "persona"]\ntargets = ["JPN"]\nn_examples = 0\n'
        'elicitations = ["verbalized"]\n[settings]\nmax_tokens = 9\n'
    )
    experiment = Experiment.from_toml(file, bank=BANK)
    assert experiment.models == (str(tmp_path / "a.gguf"), "/b.gguf")
    ways = [(condition.steering, condition.option_order) for condition in experiment.conditions]
    assert ways == [
        ("none", "listed"), ("none", "reversed"), ("persona", "listed"), ("persona", "reversed"),
    ]  # fmt: skip
    assert experiment.settings.max_tokens == 9
    assert len(experiment.items) == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"backend": "abacus"}, "no backend 'abacus': there are llama_cpp"),
        ({"server": "http://x/v1"}, "llama_cpp takes no server"),
        ({"backend": "openai_server", "gpu_layers": 1}, "openai_server takes no gpu_layers"),
        ({"backend": "openai_server", "server": 8080}, "server = 8080: give a text"),
        ({"backend": "replay"}, "no recording"),
        ({"threads": 0}, "threads = 0: give a whole number from 1"),
        ({"gpu_layers": -2}, "gpu_layers = -2"),
    ],
)
def test_invalid_engines(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        Engine(**values)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"cannot be read: no such file"):
        Experiment.from_toml(tmp_path / "absent.toml", bank=BANK)


def test_too_many_requests_are_refused_before_any_is_made(tmp_path: Path) -> None:
    asked = Experiment(("m.gguf",), (Condition("en"),), ("Q1", "Q2"), ("sampling", "logprobs"))
    assert asked.size == sum(1 for _ in asked.combinations()) == 22
    many = tuple(f"Q{number}" for number in range(200))
    large = replace(asked, items=many, settings=ElicitationSettings(draws=10_000))
    with pytest.raises(ExperimentError, match=r"are 2,000,200 requests to each model: one process"):
        large.refuse_too_many()
    part = [(large.conditions[0], item) for item in many[:80]]
    large.refuse_too_many(part)
    large.refuse_too_many(parts=3)
    assert large.size_of(part) == 80 * 10_001
    with pytest.raises(ExperimentError, match="parts with --shard, or lower the draws"):
        ask(large, tmp_path / "run", bank=BANK)
    with pytest.raises(ExperimentError, match="parts with --shard, or lower the draws"):
        estimate(large, bank=BANK)
    assert not (tmp_path / "run").exists()


def test_paths_in_a_file_are_relative_to_it_and_names_are_left_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text('models = ["m.gguf", "hf:me/m:Q8_0", "ollama:m", "hf:you/m:Q8_0"]\nitems = 2\n')
    models = Experiment.from_toml(file, bank=BANK).models
    assert models == (str(tmp_path / "m.gguf"), "hf:me/m:Q8_0", "ollama:m", "hf:you/m:Q8_0")
